#include "autograd/printable.hpp"

#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("untrusted text is made printable") {
  REQUIRE(printable("caf\u00E9") == "caf\u00E9");
  REQUIRE(printable("a\n\x7F") == "a\\x0A\\x7F");
  REQUIRE(printable("a\xFF") == "a\\xFF");
  REQUIRE(printable(std::string(79, 'a') + "\u00E9b") == std::string(79, 'a') + "...");
  REQUIRE(printable(std::string(80, 'a')) == std::string(80, 'a'));
}

// A terminal takes C1 controls (CSI is U+009B) for commands, and these turn what follows around.
TEST_CASE("what commands a terminal or turns the direction of text is shown by its number") {
  REQUIRE(escaped("\x1B[31m|\u009B31m|\u0085") == "\\x1B[31m|\\u009B31m|\\u0085");
  REQUIRE(escaped("\u2028\u2029") == "\\u2028\\u2029");
  REQUIRE(escaped("\u061C\u200E\u200F") == "\\u061C\\u200E\\u200F");
  REQUIRE(escaped("\u202A\u202B\u202C\u202D\u202E") == "\\u202A\\u202B\\u202C\\u202D\\u202E");
  REQUIRE(escaped("\u2066\u2067\u2068\u2069") == "\\u2066\\u2067\\u2068\\u2069");
  REQUIRE(escaped("\u00A0\u200D\u2027\u202F\u4E2D\uFFFD") ==
          "\u00A0\u200D\u2027\u202F\u4E2D\uFFFD");
  REQUIRE(escaped("\u202E\xFF\n") == "\\xE2\\x80\\xAE\\xFF\\x0A");
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
