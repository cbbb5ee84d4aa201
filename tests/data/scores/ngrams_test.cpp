#include "data/scores/ngrams.hpp"

#include "tests/catch.hpp"

namespace weft::data {
namespace {

TEST_CASE("ngrams: an n-gram matches as often as it occurs on both sides") {
  const NGramTable counts = count_ngrams(U"aabab", U"abab", 3);
  REQUIRE(counts == NGramTable{{5, 4, 4}, {4, 3, 3}, {3, 2, 2}});
  REQUIRE(count_ngrams(U"aaa", U"a", 1) == NGramTable{{3, 1, 1}});
}

TEST_CASE("ngrams: a sentence shorter than the order has none of it") {
  REQUIRE(count_ngrams(U"ab", U"", 3) == NGramTable{{2, 0, 0}, {1, 0, 0}, {0, 0, 0}});
  REQUIRE(count_ngrams(U"", U"abc", 2) == NGramTable{{0, 3, 0}, {0, 2, 0}});
}

TEST_CASE("ngrams: counts add up order by order") {
  REQUIRE(sum({{{1, 2, 3}, {4, 5, 6}}, {{10, 20, 30}, {40, 50, 60}}}) ==
          NGramTable{{11, 22, 33}, {44, 55, 66}});
}

}  // namespace
}  // namespace weft::data
