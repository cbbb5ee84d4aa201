#include "data/text/line.hpp"

#include "tests/catch.hpp"

namespace weft::data {
namespace {

TEST_CASE("line: control characters and separators are found, tabs are none") {
  for (const std::string text :
       {"a\nb", "\x1B[m", "\x7F", "a\u0085", "\u009B", "\u2028", "\u2029"}) {
    INFO(text);
    CHECK(has_control(text));
  }
  CHECK(has_control(std::string(1, '\0')));
  for (const std::string text : {"", "a\tb", "caf\u00E9", "\u00A0\u202E\u4E2D", "\xFF"}) {
    INFO(text);
    CHECK_FALSE(has_control(text));
  }
}

TEST_CASE("line: what ends a line for any reader becomes a space, and nothing else changes") {
  CHECK(one_line("a\nb\rc\vd\fe") == "a b c d e");
  CHECK(one_line("a\x1C"
                 "b\x1D"
                 "c\x1E"
                 "d") == "a b c d");
  CHECK(one_line("a\u0085b\u2028c\u2029d") == "a b c d");
  CHECK(one_line(std::string("a\0b", 3)) == "a b");
  for (const std::string text :
       {"", " a\tb ", "\x1B[31m", "\u009B", "\u202Ecaf\u00E9", "\xFF\xE2\x80"}) {
    CHECK(one_line(text) == text);
  }
}

}  // namespace
}  // namespace weft::data
