#include "data/scores/score_text.hpp"

#include "autograd/error.hpp"
#include "tests/catch.hpp"

namespace weft::data {
namespace {

std::string lower(std::string_view line) { return to_utf8(characters_of(line, LetterCase::lower)); }

TEST_CASE("score_text: a line is its characters, whatever their size in bytes") {
  const std::u32string characters = U"a\u00E9\u4E2D\U0001F600";
  REQUIRE(characters_of("a\u00E9\u4E2D\U0001F600", LetterCase::mixed) == characters);
  REQUIRE(to_utf8(characters) == "a\u00E9\u4E2D\U0001F600");
  REQUIRE(characters_of("", LetterCase::mixed).empty());
  REQUIRE_THROWS_AS(characters_of("a\xFF", LetterCase::mixed), Error);
}

TEST_CASE("score_text: white space is Unicode's, and ASCII's separators") {
  for (const char32_t space : {U'\t', U'\n', U'\r', U'\x1C', U'\x1F', U' ', U'\u0085', U'\u00A0',
                               U'\u2003', U'\u2028', U'\u202F', U'\u3000'}) {
    REQUIRE(is_space(space));
  }
  for (const char32_t other : {U'\0', U'a', U'\u200B', U'\u2060', U'\uFEFF', U'\u180E'}) {
    REQUIRE_FALSE(is_space(other));
  }
}

TEST_CASE("score_text: lower case is Unicode's full mapping") {
  REQUIRE(lower("Hello \u00C4\u0416 \U00010400 \u4E2D") == "hello \u00E4\u0436 \U00010428 \u4E2D");
  REQUIRE(lower("\u0130I") == "i\u0307i");
}

TEST_CASE("score_text: a capital sigma that ends a word becomes a final one") {
  REQUIRE(lower("\u039F\u0394\u039F\u03A3 \u03A3\u0391\u03A3.") ==
          "\u03BF\u03B4\u03BF\u03C2 \u03C3\u03B1\u03C2.");
  REQUIRE(lower("\u03A3") == "\u03C3");                              // no letter before it
  REQUIRE(lower("A\u0301\u03A3") == "a\u0301\u03C2");                // a mark in between
  REQUIRE(lower("A\u03A3'B A\u03A3' B") == "a\u03C3'b a\u03C2' b");  // inside, and at the end
  REQUIRE(lower("1\u03A3 A\u03A3"
                "1") ==
          "1\u03C3 a\u03C2"
          "1");
}

}  // namespace
}  // namespace weft::data
