#include "autograd/names.hpp"

#include <algorithm>

#include "autograd/dtype.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

enum class Metal : std::uint8_t { iron = 3, gold = 1 };

constexpr auto names_of(Metal) {
  return name_table<Metal>("metal", {{Metal::iron, "iron"}, {Metal::gold, "gold"}});
}

TEST_CASE("a value has a name, and the name its value") {
  CHECK(name(Metal::gold) == "gold");
  CHECK(named<Metal>("iron") == Metal::iron);
  for (const DType dtype : values<DType>()) {
    CHECK(named<DType>(name(dtype)) == dtype);
  }
}

TEST_CASE("names and values come in the order of the table, whatever the numbers are") {
  CHECK(std::ranges::equal(names<Metal>(), std::array{"iron", "gold"}));
  CHECK(std::ranges::equal(values<Metal>(), std::array{Metal::iron, Metal::gold}));
}

TEST_CASE("an unknown name is an error with a suggestion") {
  CHECK_THROWS_WITH(named<Metal>("gould"),
                    "metal: unknown name; got gould; expected one of iron, gold; hint: did you "
                    "mean gold?");
}

}  // namespace
}  // namespace weft
