#include "data/text/style.hpp"

#include <vector>

#include "tests/catch.hpp"

namespace weft::data {
namespace {

using Lines = std::vector<std::string>;

bool differ_in_case(const Lines& a, const Lines& b) {
  const bool differ = case_differs(text_style(a), text_style(b));
  REQUIRE(case_differs(text_style(b), text_style(a)) == differ);
  return differ;
}

bool differ_in_tokenization(const Lines& a, const Lines& b) {
  const bool differ = tokenization_differs(text_style(a), text_style(b));
  REQUIRE(tokenization_differs(text_style(b), text_style(a)) == differ);
  return differ;
}

TEST_CASE("text_style: texts of one case differ from others") {
  REQUIRE(differ_in_case({"a dog", "\u00E9t\u00E9"}, {"A dog", "\u00C9t\u00E9"}));
  REQUIRE(differ_in_case({"A DOG"}, {"A dog"}));
  REQUIRE(differ_in_case({"A DOG"}, {"a dog"}));
  REQUIRE_FALSE(differ_in_case({"A dog"}, {"The dog"}));
  REQUIRE_FALSE(differ_in_case({"a dog"}, {"the dog"}));
}

TEST_CASE("text_style: a few letters, or none, make no difference in case") {
  Lines chinese(20, "\u6211\u51B7\u3002");
  REQUIRE_FALSE(differ_in_case(chinese, {"A dog"}));
  Lines with_name = chinese;
  with_name[0] += "DNA";
  chinese[1] += "x";
  REQUIRE_FALSE(differ_in_case(chinese, with_name));
}

TEST_CASE("text_style: punctuation that is set apart differs from such that is not") {
  REQUIRE(differ_in_tokenization({"Yes , it is ."}, {"Yes, it is."}));
  REQUIRE(differ_in_tokenization({"\u6211 \u51B7 \u3002"}, {"\u6211\u51B7\u3002"}));
  REQUIRE(differ_in_tokenization({"the U.S. , 3.5 ."}, {"the U.S., 3.5."}));
  REQUIRE_FALSE(differ_in_tokenization({"no mark"}, {"Yes, it is."}));
  REQUIRE_FALSE(differ_in_tokenization({"yes , it is ."}, {"a dog ."}));
  REQUIRE_FALSE(differ_in_tokenization({"Vraiment ? Oui !"}, {"Oui."}));    // as French is written
  REQUIRE_FALSE(differ_in_tokenization({"a.b 1,000"}, {"yes , it is ."}));  // within words
}

}  // namespace
}  // namespace weft::data
