#include "data/text/utf8.hpp"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>
#include <random>

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

// What utf8proc makes of the text by itself.
std::string by_utf8proc(const std::string& text, Normalization form) {
  const bool compatible = form == Normalization::nfkc;
  const auto* const bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.c_str());
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> result(
      compatible ? utf8proc_NFKC(bytes) : utf8proc_NFC(bytes), &std::free);
  return reinterpret_cast<const char*>(result.get());
}

TEST_CASE("UTF-8: normal forms are utf8proc's, whatever the order of the marks") {
  // Letters, marks of several classes, marks that are two marks (U+0344) or two of different
  // classes (U+0F73), Hangul, ligatures, the longest decomposition (U+FDFA), a letter excluded from
  // composition (U+0958).
  const std::vector<std::string> parts = {
      "a",      "e",      "\u03B1", "\u00E9", "\u1E69", "\u0301", "\u0327",     "\u0323",
      "\u0338", "\u0345", "\u0344", "\u0F73", "\u0F71", "\u0F72", "\u05B0",     "\u1112",
      "\u1161", "\u11AB", "\uD55C", "\uFB01", "\uFDFA", "\u0958", "\U0001D15E", "\u3099"};
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const std::size_t few = 1 + random() % parts.size();  // often marks alone
    const std::size_t first = random() % parts.size();
    std::string text;
    for (std::size_t left = random() % 200; left > 0; --left) {
      text += parts[(first + random() % few) % parts.size()];
    }
    INFO(text);
    for (const Normalization form : {Normalization::nfc, Normalization::nfkc}) {
      REQUIRE(normalize(text, form) == by_utf8proc(text, form));
    }
  }
}

TEST_CASE("UTF-8: a flood of marks is put in order, however long") {
  const int count = 300'000;  // exchanging neighbours would take minutes
  std::string marks = "x";
  std::string ordered = "x";
  for (int i = 0; i < count; ++i) {
    marks += "\u0301\u0327";
    ordered += "\u0327";
  }
  for (int i = 0; i < count; ++i) {
    ordered += "\u0301";
  }
  const bool same = normalize(marks, Normalization::nfc) == ordered;
  REQUIRE(same);
  std::string tibetan;  // each is a mark of class 129 and one of class 130
  for (int i = 0; i < count; ++i) {
    tibetan += "\u0F73";
  }
  const std::string apart = normalize(tibetan, Normalization::nfkc);
  REQUIRE(apart.substr(0, 6) == "\u0F71\u0F71");
  REQUIRE(apart.size() == 2 * tibetan.size());
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
