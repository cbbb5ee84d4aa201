#include "autograd/printable.hpp"

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

TEST_CASE("untrusted text is made printable") {
  REQUIRE(printable("caf\u00E9") == "caf\u00E9");
  REQUIRE(printable("a\n\x7F") == "a\\x0A\\x7F");
  REQUIRE(printable("a\xFF") == "a\\xFF");
  REQUIRE(printable(std::string(79, 'a') + "\u00E9b") == std::string(79, 'a') + "...");
  REQUIRE(printable(std::string(80, 'a')) == std::string(80, 'a'));
}

TEST_CASE("long text loses its middle, no character its parts") {
  REQUIRE(shortened("0123456789", 10) == "0123456789");
  REQUIRE(shortened("0123456789a", 10) == "01234...6789a");
  REQUIRE(shortened("0123\u00E967890123\u00E96789", 10) == "0123...\u00E96789");
  REQUIRE(shortened("\U0001F600\U0001F600\U0001F600", 4) == "...\U0001F600");
  REQUIRE(shortened(std::string(20, '\x80'), 4) == "\x80\x80...\x80\x80");
  REQUIRE(shortened("abc", 0) == "...");
}

}  // namespace
}  // namespace weft
