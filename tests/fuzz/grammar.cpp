#include "data/tasks/grammar.hpp"
#include "tests/fuzz/target.hpp"

// The grammar of a toy task.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return weft::fuzz::read_or_refuse(
      [&] { weft::data::Grammar::parse(weft::fuzz::text(data, size), "toy.grammar"); });
}
