#include "data/text/tokenizer.hpp"

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

TEST_CASE("tokenizer: characters are what a reader counts as one") {
  const Tokenizer tokenizer({.kind = TokenizerKind::character, .normalize = Normalization::none});
  REQUIRE(tokenizer.tokenize("le chat.") == Tokens{"l", "e", "<space>", "c", "h", "a", "t", "."});
  REQUIRE(tokenizer.tokenize("e\u0301t\u00E9") == Tokens{"e\u0301", "t", "\u00E9"});
  const std::string family = "\U0001F469\u200D\U0001F469\u200D\U0001F467";
  REQUIRE(tokenizer.tokenize(family + "a" + family) == Tokens{family, "a", family});
  const std::string flags = "\U0001F1EB\U0001F1F7\U0001F1E9\U0001F1EA";  // FR DE
  REQUIRE(tokenizer.tokenize(flags) == Tokens{"\U0001F1EB\U0001F1F7", "\U0001F1E9\U0001F1EA"});
  const std::string hangul = "\u1112\u1161\u11AB\u1100\u1173\u11AF";  // two syllables in jamo
  REQUIRE(tokenizer.tokenize(hangul) == Tokens{"\u1112\u1161\u11AB", "\u1100\u1173\u11AF"});
  REQUIRE(tokenizer.tokenize("\u4E2D\u6587") == Tokens{"\u4E2D", "\u6587"});
}

TEST_CASE("tokenizer: characters are normalized and lower-cased as words are") {
  const Tokenizer composed({.kind = TokenizerKind::character, .lowercase = true});
  REQUIRE(composed.tokenize("E\u0301\uFB01") == Tokens{"\u00E9", "\uFB01"});
  REQUIRE(composed.tokenize("\u1112\u1161\u11AB") == Tokens{"\uD55C"});
  const Tokenizer compatible({.kind = TokenizerKind::character, .normalize = Normalization::nfkc});
  REQUIRE(compatible.tokenize("\uFB01n\u00A0a") == Tokens{"f", "i", "n", "<space>", "a"});
}

TEST_CASE("tokenizer: a line can be made again from its characters") {
  const Tokenizer tokenizer({.kind = TokenizerKind::character, .normalize = Normalization::none});
  for (const std::string line :
       {"le chat noir .", "  two  spaces\tand a tab ", "\r\n\v\f x", "<space> <unk>",
        "\u2581 \u2420 \u00A0", "a \u0301b", "10\u00A0km \u4E2D\u3000\u6587 \U0001F1EB"}) {
    const Tokens tokens = tokenizer.tokenize(line);
    REQUIRE(tokenizer.detokenize(tokens) == line);
    for (const std::string& token : tokens) {
      REQUIRE_FALSE(token.empty());
      REQUIRE(token.find_first_of(" \t\n\v\f\r") == std::string::npos);
    }
  }
  REQUIRE(tokenizer.tokenize(" \t ").empty());
}

TEST_CASE("tokenizer: kinds have names") {
  for (const TokenizerKind kind : {TokenizerKind::word, TokenizerKind::character}) {
    REQUIRE(named<TokenizerKind>(name(kind)) == kind);
  }
  REQUIRE_THROWS_WITH(
      named<TokenizerKind>("words"),
      "tokenizer: unknown name; got words; expected one of word, char, spm; hint: did "
      "you mean word?");
}

}  // namespace
}  // namespace weft::data
