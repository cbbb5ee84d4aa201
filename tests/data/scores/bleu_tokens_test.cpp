#include "data/scores/bleu_tokens.hpp"

#include "tests/catch.hpp"

namespace weft::data {
namespace {

/// The tokens of a line, joined by spaces.
std::string joined(std::string_view line, BleuTokenization tokenization) {
  std::string text;
  for (const std::string& token : bleu_tokens(line, tokenization)) {
    text += (text.empty() ? "" : " ") + token;
  }
  return text;
}

std::string western(std::string_view line) { return joined(line, BleuTokenization::v13a); }
std::string chinese(std::string_view line) { return joined(line, BleuTokenization::zh); }
std::string international(std::string_view line) { return joined(line, BleuTokenization::intl); }

TEST_CASE("bleu_tokens: none splits at Unicode's white space alone") {
  REQUIRE(bleu_tokens(" Hello,\u00A0world!\t\u3000x\u2028y\u200Bz ", BleuTokenization::none) ==
          std::vector<std::string>{"Hello,", "world!", "x", "y\u200Bz"});
  REQUIRE(bleu_tokens("", BleuTokenization::none).empty());
}

TEST_CASE("bleu_tokens: 13a sets symbols apart, but not apostrophes and hyphens") {
  REQUIRE(western("Well-known: it's (very) good!") == "Well-known : it's ( very ) good !");
  REQUIRE(western("a/b \\ [c] {d|e} ~f^_`g") == "a / b \\ [ c ] { d | e } ~ f ^ _ ` g");
  REQUIRE(western("50% & $3 @#* x<y>=z;?") == "50 % & $ 3 @ # * x < y > = z ; ?");
  REQUIRE(western("\u00ABoui\u00BB \u2013 \u2026") == "\u00ABoui\u00BB \u2013 \u2026");
}

TEST_CASE("bleu_tokens: 13a keeps stops and commas inside numbers only") {
  REQUIRE(western("Yes, it costs 1,234.50.") == "Yes , it costs 1,234.50 .");
  REQUIRE(western("v.2 3.x .5 ,7") == "v . 2 3 . x . 5 , 7");
  REQUIRE(western("Wait... e.g. \u00E9.") == "Wait . . . e . g . \u00E9 .");
  REQUIRE(western("a..b") == "a . . b");
}

TEST_CASE("bleu_tokens: 13a cuts a hyphen that follows a digit") {
  REQUIRE(western("1990-95 20-year F-16 5--6") == "1990 - 95 20 - year F-16 5 - -6");
}

TEST_CASE("bleu_tokens: 13a resolves entities in its order") {
  REQUIRE(western("&quot;a&quot; &lt;b&gt; R&amp;D") == "\" a \" < b > R & D");
  REQUIRE(western("&amp;lt; &amp;quot;") == "< & quot ;");
  REQUIRE(western("one <skipped>two") == "one two");
}

TEST_CASE("bleu_tokens: char makes each character a word, combining marks too") {
  REQUIRE(joined("a b\u4E2D e\u0301\U0001F600.", BleuTokenization::chars) ==
          "a b \u4E2D e \u0301 \U0001F600 .");
  REQUIRE(bleu_tokens("\u00A0 ", BleuTokenization::chars).empty());
}

TEST_CASE("bleu_tokens: zh sets Chinese characters apart and treats the rest as 13a does") {
  REQUIRE(chinese("\u6211\u7528Python 3.11\uFF01") == "\u6211 \u7528 Python 3.11 \uFF01");
  REQUIRE(chinese("\u4EF735.8\u5143(\u6298)") == "\u4EF7 35.8 \u5143 ( \u6298 )");
  REQUIRE(chinese("R&amp;D, 3-4") == "R & amp ; D , 3 - 4");  // no entities
  REQUIRE(chinese("\u30AF\u30A2\uFF76\u3001\uAC00\uB098") ==
          "\u30AF\u30A2 \uFF76 \u3001 \uAC00\uB098");
}

TEST_CASE("bleu_tokens: zh takes U+2001 to U+2A6D, but no ideograph above U+FFFF, for Chinese") {
  REQUIRE(chinese("a\u2014b\u2026c\u2192d") == "a \u2014 b \u2026 c \u2192 d");
  REQUIRE(chinese("a\u2A6Db\u2A6Ec") == "a \u2A6D b\u2A6Ec");
  REQUIRE(chinese("\U00020000\U00020001") == "\U00020000\U00020001");
  REQUIRE(chinese("\u9FBB\u9FBC\u9FBD") == "\u9FBB \u9FBC\u9FBD");
}

TEST_CASE("bleu_tokens: zh sees a neighbor of a period in the line alone") {
  REQUIRE(chinese(" .5 x 5. ") == ".5 x 5.");
  REQUIRE(western(" .5 x 5. ") == ". 5 x 5 .");
}

TEST_CASE("bleu_tokens: intl sets Unicode's punctuation and symbols apart") {
  REQUIRE(international("\u00ABoui\u00BB \u2013 non\u2026") ==
          "\u00AB oui \u00BB \u2013 non \u2026");
  REQUIRE(international("it's well-known") == "it ' s well - known");
  REQUIRE(international("5\u20AC+x\u00B2=\U0001F600!") == "5 \u20AC + x\u00B2 = \U0001F600 !");
  REQUIRE(international("R&amp;D") == "R & amp ; D");  // no entities
}

TEST_CASE("bleu_tokens: intl keeps punctuation between numbers and at a number's outer end") {
  REQUIRE(international("1,234.50-5 \u0661\u066B\u0662") == "1,234.50-5 \u0661\u066B\u0662");
  REQUIRE(international("In 2019. So") == "In 2019 . So");
  REQUIRE(international("in 2019. ") == "in 2019.");
  REQUIRE(international(".5 or .5") == ".5 or . 5");
}

TEST_CASE("bleu_tokens: case is lowered before a line is cut") {
  const std::vector<std::string> lowered = {"&", "stra\u00DFe"};
  REQUIRE(bleu_tokens("&AMP; STRA\u1E9EE", BleuTokenization::v13a, LetterCase::lower) == lowered);
}

TEST_CASE("bleu_tokens: tokenizations have sacreBLEU's names") {
  REQUIRE(names<BleuTokenization>().size() == 5);
  for (const std::string_view known : names<BleuTokenization>()) {
    REQUIRE(name(named<BleuTokenization>(known)) == known);
  }
  REQUIRE(name(BleuTokenization::chars) == "char");
  REQUIRE(name(BleuTokenization::intl) == "intl");
  REQUIRE_THROWS_WITH(named<BleuTokenization>("13b"),
                      "tokenize: unknown name; got 13b; expected one of none, 13a, char, zh, intl; "
                      "hint: did you mean 13a?");
}

}  // namespace
}  // namespace weft::data
