#include "autograd/graph/xml.hpp"

#include "tests/catch.hpp"

namespace weft::detail {
namespace {

TEST_CASE("xml_text escapes what XML means something by") {
  CHECK(xml_text("a < b && \"c\" > d") == "a &lt; b &amp;&amp; &quot;c&quot; &gt; d");
  CHECK(xml_text("h′ → 注意 🙂") == "h′ → 注意 🙂");
}

TEST_CASE("xml_text replaces what XML cannot hold") {
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(xml_text(std::string("a\0b\x1B", 4)) == "a" + bad + "b" + bad);
  CHECK(xml_text("\xFF|\xC3|\xC0\xAF|\xED\xA0\x80") ==
        bad + "|" + bad + "|" + bad + bad + "|" + bad + bad + bad);
  CHECK(xml_text("\xEF\xBF\xBF") == bad);                        // U+FFFF
  CHECK(xml_text("\xF4\x90\x80\x80") == bad + bad + bad + bad);  // beyond U+10FFFF
}

TEST_CASE("columns counts characters, wide ones twice") {
  CHECK(columns("") == 0);
  CHECK(columns("weight") == 6);
  CHECK(columns("élève ×") == 7);
  CHECK(columns("注意") == 4);
}

TEST_CASE("shortened keeps beginning and end") {
  CHECK(shortened("weight", 6) == "weight");
  CHECK(shortened("abcdefghij", 7) == "abc…hij");
  CHECK(shortened("注意注意注意", 7) == "注…意");
}

}  // namespace
}  // namespace weft::detail
