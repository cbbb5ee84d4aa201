#include "autograd/shape.hpp"

#include <limits>

#include "autograd/error.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("numel multiplies the sizes and checks them") {
  CHECK(numel({}) == 1);
  CHECK(numel({2, 3, 4}) == 24);
  CHECK(numel({2, 0, 4}) == 0);
  CHECK_THROWS_WITH(numel({2, -1}), "shape: negative size; got [2, -1]");
  CHECK_THROWS_WITH(numel({std::int64_t{1} << 32, std::int64_t{1} << 31}),
                    "shape: number of elements overflows; got [4294967296, 2147483648]");
}

TEST_CASE("shapes broadcast by NumPy's rule") {
  CHECK(broadcast_shapes("f", {2, 1, 4}, {3, 1}) == Shape{2, 3, 4});
  CHECK(broadcast_shapes("f", {}, {2, 3}) == Shape{2, 3});
  CHECK(broadcast_shapes("f", {1}, {0}) == Shape{0});
  CHECK_THROWS_WITH(broadcast_shapes("f", {2, 3}, {2}),
                    "f: shapes do not broadcast; got [2, 3] and [2]");
  CHECK_THROWS_AS(broadcast_shapes("f", {2}, {0}), Error);
}

TEST_CASE("broadcasts_to goes one way") {
  CHECK(broadcasts_to({1, 3}, {2, 3}));
  CHECK(broadcasts_to({}, {2, 3}));
  CHECK(broadcasts_to({1}, {0}));
  CHECK_FALSE(broadcasts_to({2, 3}, {3}));
  CHECK_FALSE(broadcasts_to({2}, {1}));
}

TEST_CASE("dimensions count from either end") {
  CHECK(wrap_dim("f", 1, 3) == 1);
  CHECK(wrap_dim("f", -1, 3) == 2);
  CHECK_THROWS_WITH(wrap_dim("f", 3, 3), "f: dimension out of range; got 3; expected [-3, 3)");
  CHECK_THROWS_AS(wrap_dim("f", -4, 3), Error);
  CHECK_THROWS_AS(wrap_dim("f", 0, 0), Error);
}

}  // namespace
}  // namespace weft
