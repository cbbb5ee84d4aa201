#include "data/text/utf8.hpp"

#include "autograd/error.hpp"
#include "tests/catch.hpp"

namespace weft::data {
namespace {

TEST_CASE("UTF-8: normal forms compose letters, and NFKC also flattens presentation forms") {
  const std::string decomposed = "caf\u0065\u0301";
  const std::string ligature = "\uFB01n \uFF21";
  REQUIRE(normalize(decomposed, Normalization::none) == decomposed);
  REQUIRE(normalize(decomposed, Normalization::nfc) == "caf\u00E9");
  REQUIRE(normalize(ligature, Normalization::nfc) == ligature);
  REQUIRE(normalize(ligature, Normalization::nfkc) == "fin A");
  REQUIRE(normalize("plain ASCII", Normalization::nfkc) == "plain ASCII");
  REQUIRE_THROWS_AS(normalize("\xFF", Normalization::nfc), Error);
}

TEST_CASE("UTF-8: forms have names") {
  for (const Normalization form : {Normalization::none, Normalization::nfc, Normalization::nfkc}) {
    REQUIRE(named<Normalization>(name(form)) == form);
  }
  REQUIRE_THROWS_WITH(named<Normalization>("ncf"),
                      "normalize: unknown name; got ncf; expected one of nfc, nfkc, none; hint: "
                      "did you mean nfc?");
}

TEST_CASE("UTF-8: lower case covers every script with case, one character for one") {
  REQUIRE(lowercase("Hello, 42!") == "hello, 42!");
  REQUIRE(lowercase("\u00C4RGER STRA\u1E9EE") == "\u00E4rger stra\u00DFe");
  REQUIRE(lowercase("\u0416\u0410 \u03A3 \u4E2D") == "\u0436\u0430 \u03C3 \u4E2D");
  REQUIRE(lowercase("\U00010400") == "\U00010428");  // Deseret, four bytes
  REQUIRE_THROWS_AS(lowercase("A\xC3"), Error);
}

TEST_CASE("UTF-8: lower case may take fewer bytes or more") {
  REQUIRE(lowercase("\u0130stanbul") == "istanbul");     // Turkish: two bytes become one
  REQUIRE(lowercase("I\u0307") == "i\u0307");            // the same letter as two characters
  REQUIRE(lowercase("\u023A\u212A") == "\u2C65\u006B");  // two become three, three become one
}

TEST_CASE("UTF-8: Hangul syllables are composed of their letters") {
  REQUIRE(normalize("\u1112\u1161\u11AB", Normalization::nfc) == "\uD55C");
  REQUIRE(normalize("\uD55C", Normalization::nfc) == "\uD55C");
}

TEST_CASE("UTF-8: graphemes cover the text") {
  using Clusters = std::vector<std::string_view>;
  REQUIRE(graphemes("").empty());
  REQUIRE(graphemes("abc") == Clusters{"a", "b", "c"});
  REQUIRE(graphemes("e\u0301\u0323x") == Clusters{"e\u0301\u0323", "x"});
  REQUIRE(graphemes("\u0301x") == Clusters{"\u0301", "x"});
  REQUIRE(graphemes("\U0001F44D\U0001F3FD\U0001F44D") ==
          Clusters{"\U0001F44D\U0001F3FD", "\U0001F44D"});
  REQUIRE_THROWS_AS(graphemes("a\xC3"), Error);
}

}  // namespace
}  // namespace weft::data
