#include "nn/json_reader.hpp"

#include <string>
#include <vector>

#include "tests/fuzz/target.hpp"

using Kind = weft::nn::JsonReader::Kind;

// Any JSON text, read to the end.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return weft::fuzz::read_or_refuse([&] {
    weft::nn::JsonReader json(weft::fuzz::text(data, size), "json");
    std::vector<Kind> open;  // the objects and arrays that are open
    std::string name;
    do {
      const bool has_value =
          open.empty() || (open.back() == Kind::object ? json.field(name) : json.element());
      if (!has_value) {
        open.pop_back();
        continue;
      }
      const Kind kind = json.value().kind;
      if (kind == Kind::object || kind == Kind::array) {
        open.push_back(kind);
      }
    } while (!open.empty());
    json.end();
  });
}
