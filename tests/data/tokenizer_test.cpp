#include "data/tokenizer.hpp"

#include "autograd/error.hpp"
#include "tests/catch.hpp"

namespace weft::data {
namespace {

using Tokens = std::vector<std::string>;

TEST_CASE("tokenizer: words are what stands between white space") {
  const Tokenizer tokenizer;
  REQUIRE(tokenizer.tokenize("le chat noir .") == Tokens{"le", "chat", "noir", "."});
  REQUIRE(tokenizer.tokenize(" \ta\v\fb\r ") == Tokens{"a", "b"});
  REQUIRE(tokenizer.tokenize("don't,split-this.") == Tokens{"don't,split-this."});
  REQUIRE(tokenizer.tokenize("").empty());
  REQUIRE(tokenizer.tokenize(" \t ").empty());
}

TEST_CASE("tokenizer: a no-break space stays in its word unless NFKC makes it plain") {
  const std::string line = "10\u00A0km \u4E2D\u3000\u6587";
  REQUIRE(Tokenizer().tokenize(line) == Tokens{"10\u00A0km", "\u4E2D\u3000\u6587"});
  const Tokenizer compatible({.normalize = Normalization::nfkc});
  REQUIRE(compatible.tokenize(line) == Tokens{"10", "km", "\u4E2D", "\u6587"});
}

TEST_CASE("tokenizer: case and normal form are changed only as configured") {
  const std::string line = "\u00C9t\u00E9 E\u0301te\u0301";
  REQUIRE(Tokenizer({.normalize = Normalization::none}).tokenize(line) ==
          Tokens{"\u00C9t\u00E9", "E\u0301te\u0301"});
  REQUIRE(Tokenizer().tokenize(line) == Tokens{"\u00C9t\u00E9", "\u00C9t\u00E9"});
  REQUIRE(Tokenizer({.lowercase = true}).tokenize(line) ==
          Tokens{"\u00E9t\u00E9", "\u00E9t\u00E9"});
}

TEST_CASE("tokenizer: lower-cased tokens are in the normal form too") {
  // J with a caron is two characters, j with a caron is one.
  REQUIRE(Tokenizer({.lowercase = true}).tokenize("J\u030C") == Tokens{"\u01F0"});
  // The sign for "trade mark" becomes two capital letters.
  const Tokenizer compatible({.lowercase = true, .normalize = Normalization::nfkc});
  REQUIRE(compatible.tokenize("\u2122") == Tokens{"tm"});
}

TEST_CASE("tokenizer: tokens are joined by single spaces") {
  const Tokenizer tokenizer;
  REQUIRE(tokenizer.detokenize({"le", "chat", "."}) == "le chat .");
  REQUIRE(tokenizer.detokenize({}).empty());
  REQUIRE(tokenizer.tokenize(tokenizer.detokenize({"a", "b"})) == Tokens{"a", "b"});
}

TEST_CASE("tokenizer: kinds have names") {
  REQUIRE(name(TokenizerKind::word) == "word");
  REQUIRE(tokenizer_named("word") == TokenizerKind::word);
  REQUIRE_THROWS_WITH(tokenizer_named("words"),
                      "tokenizer: unknown name; got words; expected one of word; hint: did you "
                      "mean word?");
}

}  // namespace
}  // namespace weft::data
