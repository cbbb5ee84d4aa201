#include "data/bleu_tokens.hpp"

#include "tests/catch.hpp"

namespace weft::data {
namespace {

/// The 13a tokens of a line, joined by spaces.
std::string western(std::string_view line) {
  std::string joined;
  for (const std::string& token : bleu_tokens(line, BleuTokenization::v13a)) {
    joined += (joined.empty() ? "" : " ") + token;
  }
  return joined;
}

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

TEST_CASE("bleu_tokens: tokenizations have sacreBLEU's names") {
  for (const auto tokenization : {BleuTokenization::none, BleuTokenization::v13a}) {
    REQUIRE(bleu_tokenization_named(name(tokenization)) == tokenization);
  }
  REQUIRE_THROWS_WITH(bleu_tokenization_named("13b"),
                      "tokenize: unknown name; got 13b; expected one of none, 13a; hint: did you "
                      "mean 13a?");
}

}  // namespace
}  // namespace weft::data
