#include "autograd/characters.hpp"

#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("UTF-8: well-formed text of one to four bytes a character is valid") {
  REQUIRE_FALSE(find_invalid_utf8(""));
  REQUIRE_FALSE(find_invalid_utf8("plain"));
  REQUIRE_FALSE(find_invalid_utf8("a \u00E9 \u4E2D \U0001F600 \U0010FFFF"));
  REQUIRE_FALSE(find_invalid_utf8("\xEF\xBF\xBF"));  // U+FFFF, a noncharacter, is well-formed
}

TEST_CASE("UTF-8: ill-formed text is found at its first wrong byte") {
  REQUIRE(find_invalid_utf8("ab\x80") == 2);              // a continuation byte alone
  REQUIRE(find_invalid_utf8("\xC0\xAF") == 0);            // overlong "/"
  REQUIRE(find_invalid_utf8("x\xE0\x80\xAF") == 1);       // overlong, three bytes
  REQUIRE(find_invalid_utf8("xy\xF0\x80\x80\xAF") == 2);  // overlong, four bytes
  REQUIRE(find_invalid_utf8("\xED\xA0\x80") == 0);        // surrogate U+D800
  REQUIRE(find_invalid_utf8("\xF4\x90\x80\x80") == 0);    // U+110000
  REQUIRE(find_invalid_utf8("\xFF") == 0);
  REQUIRE(find_invalid_utf8("\u00E9\xC3") == 2);    // truncated after one byte of two
  REQUIRE(find_invalid_utf8("\xF0\x9F\x98") == 0);  // truncated after three bytes of four
  REQUIRE(find_invalid_utf8("\xE4\xB8 mid") == 0);  // a sequence broken by a space
}

TEST_CASE("UTF-8: the first character, or a byte of none") {
  const auto first = [](std::string_view text) {
    const Character character = first_character(text);
    return std::pair(character.bytes.size(), character.code);
  };
  CHECK(first("ab") == std::pair(std::size_t{1}, U'a'));
  CHECK(first("\u00E9b") == std::pair(std::size_t{2}, U'\u00E9'));
  CHECK(first("\u4E2D") == std::pair(std::size_t{3}, U'\u4E2D'));
  CHECK(first("\U0010FFFF") == std::pair(std::size_t{4}, U'\U0010FFFF'));
  CHECK(first("\xE4\xB8 mid") == std::pair(std::size_t{1}, kReplacement));
  CHECK_FALSE(first_character("\x80").well_formed());
  CHECK(first_character("\uFFFD").well_formed());
}

TEST_CASE("characters: control, line ends, directions") {
  for (const char32_t code : {U'\0', U'\t', U'\n', U'\x1B', U'\x7F', U'\x80', U'\x9F', U'\u2028'}) {
    CHECK(is_control(code));
  }
  for (const char32_t code : {U' ', U'~', U'\xA0', U'\u2027', U'\u202A', U'\uFFFD'}) {
    CHECK_FALSE(is_control(code));
  }
  for (const char32_t code : {U'\0', U'\n', U'\v', U'\f', U'\r', U'\x1E', U'\x85', U'\u2029'}) {
    CHECK(is_line_end(code));
  }
  for (const char32_t code : {U'\t', U'\x1B', U'\x1F', U' ', U'\x84', U'\u2027'}) {
    CHECK_FALSE(is_line_end(code));
  }
  CHECK(is_direction(U'\u202E'));
  CHECK_FALSE(is_direction(U'\u200D'));
}

}  // namespace
}  // namespace weft
