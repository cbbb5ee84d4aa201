#include "data/corpus.hpp"
#include "tests/fuzz/input_file.hpp"
#include "tests/fuzz/target.hpp"

// A corpus of `source TAB target` lines, split into words and into characters.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weft::data;
  return weft::fuzz::read_or_refuse([&] {
    const auto pairs = read_tsv(weft::fuzz::input_file("pairs.tsv", weft::fuzz::text(data, size)));
    const Tokenizer words({.kind = TokenizerKind::word, .lowercase = true});
    const Tokenizer characters({.kind = TokenizerKind::character});
    tokenize(pairs, words, characters);
  });
}
