#include "tools/terminal/progress.hpp"

#include "tests/catch.hpp"

namespace weft::tools {
namespace {

TEST_CASE("progress: seconds") {
  REQUIRE(format_seconds(0) == "0:00");
  REQUIRE(format_seconds(7.4) == "0:07");
  REQUIRE(format_seconds(59.6) == "1:00");
  REQUIRE(format_seconds(727) == "12:07");
  REQUIRE(format_seconds(3727) == "1:02:07");
}

TEST_CASE("progress: counts in groups of three digits") {
  REQUIRE(format_count(0) == "0");
  REQUIRE(format_count(999) == "999");
  REQUIRE(format_count(1000) == "1,000");
  REQUIRE(format_count(1234567.4) == "1,234,567");
  REQUIRE(format_count(-1234) == "-1,234");
}

TEST_CASE("progress: the bar") {
  REQUIRE(format_bar(0, 4) == "[>   ]");
  REQUIRE(format_bar(0.5, 4) == "[==> ]");
  REQUIRE(format_bar(1, 4) == "[====]");
  REQUIRE(format_bar(2, 4) == "[====]");
}

TEST_CASE("progress: a line is never as wide as the terminal") {
  const std::string text = " 50 %  epoch 1/2  step 7  0:07 left";
  const std::string whole = format_bar(0.5, 24) + " " + text;
  REQUIRE(format_progress(0.5, text, whole.size() + 1) == whole);
  REQUIRE(format_progress(0.5, text, whole.size()) == text);
  REQUIRE(format_progress(0.5, text, text.size() + 1) == text);
  REQUIRE(format_progress(0.5, text, 12) == " 50 %  epoc");
  REQUIRE(format_progress(0.5, text, 0).empty());
}

}  // namespace
}  // namespace weft::tools
