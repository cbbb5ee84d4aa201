#include "autograd/suggest.hpp"

#include <array>
#include <vector>

#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("suggest: the edit distance counts insertions, deletions, substitutions and swaps") {
  REQUIRE(edit_distance("", "") == 0);
  REQUIRE(edit_distance("", "abc") == 3);
  REQUIRE(edit_distance("abc", "") == 3);
  REQUIRE(edit_distance("kitten", "sitting") == 3);
  REQUIRE(edit_distance("hidden", "hiden") == 1);
  REQUIRE(edit_distance("epochs", "epohcs") == 1);
  REQUIRE(edit_distance("ca", "abc") == 3);  // optimal string alignment; unrestricted: 2
}

TEST_CASE("suggest: the nearest candidate, the first of equals, or none") {
  constexpr std::array<std::string_view, 3> kFlags = {"--hidden", "--epochs", "--emb"};
  REQUIRE(suggest("--hiden", kFlags) == "--hidden");
  REQUIRE(suggest("--epoch", kFlags) == "--epochs");
  REQUIRE(suggest("--verbosity", kFlags).empty());
  REQUIRE(suggest("--hidden", {}).empty());
  constexpr std::array<std::string_view, 2> kEquals = {"abcx", "abcy"};
  REQUIRE(suggest("abcz", kEquals) == "abcx");
  REQUIRE(did_you_mean("--ebm", kFlags) == "; hint: did you mean --emb?");
  REQUIRE(did_you_mean("something else", kFlags).empty());
}

TEST_CASE("suggest: a choice is found by name, or refused with the choices") {
  constexpr std::array<std::string_view, 2> kCells = {"gru", "lstm"};
  REQUIRE(choose("cell", "lstm", kCells) == 1);
  REQUIRE_THROWS_WITH(choose("cell", "transformer", kCells),
                      "cell: unknown name; got transformer; expected one of gru, lstm");
}

}  // namespace
}  // namespace weft
