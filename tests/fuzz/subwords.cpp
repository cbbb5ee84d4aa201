#include "data/text/subwords.hpp"

#include "tests/fuzz/input_file.hpp"
#include "tests/fuzz/target.hpp"

// A subword model. If it loads, it splits a line and joins it again.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string path = weft::fuzz::input_file("source.spm", weft::fuzz::text(data, size));
  return weft::fuzz::read_or_refuse([&] {
    const auto subwords = weft::data::Subwords::load(path);
    subwords.decode(subwords.encode("a cat, 猫 <unk>"));
    subwords.best_cuts("a cat", 4);
  });
}
