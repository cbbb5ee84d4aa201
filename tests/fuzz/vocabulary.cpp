#include "data/text/vocabulary.hpp"

#include "tests/fuzz/input_file.hpp"
#include "tests/fuzz/target.hpp"

// A vocabulary file.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string path = weft::fuzz::input_file("source.vocab", weft::fuzz::text(data, size));
  return weft::fuzz::read_or_refuse([&] { weft::data::Vocabulary::load(path); });
}
