#include "nn/finite.hpp"

#include <cmath>
#include <limits>

#include "tests/catch.hpp"

namespace weft::nn {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

TEST_CASE("the first element that is not finite is found, and where it stands") {
  const auto found =
      find_not_finite({{"a", tensor<float>({1, -2}, {2})},
                       {"b", tensor<float>({1, 2, 3, 4, -kInf, std::nanf("")}, {2, 3})},
                       {"c", tensor<float>({kInf}, {1})}});
  REQUIRE(found.has_value());
  CHECK(found->tensor == "b");
  CHECK(found->element == 4);
  CHECK(found->value == -std::numeric_limits<double>::infinity());
  const auto wide = find_not_finite({{"d", scalar(std::nan(""), DType::float64)}});
  REQUIRE(wide.has_value());
  CHECK(wide->element == 0);
  CHECK(std::isnan(wide->value));
}

TEST_CASE("the largest numbers, integers and nothing at all are finite") {
  constexpr float kMax = std::numeric_limits<float>::max();
  CHECK_FALSE(find_not_finite({{"a", tensor<float>({kMax, -kMax, 1e-45F, -0.0F}, {4})},
                               {"b", tensor<std::int64_t>({-1}, {1})},
                               {"c", bool_tensor({true}, {1})},
                               {"d", zeros({2, 0})}}));
  CHECK_FALSE(find_not_finite({}));
}

TEST_CASE("what is not finite is an error that names file, tensor and element") {
  CHECK_NOTHROW(check_finite({{"a", zeros({2})}}, "file"));
  CHECK_THROWS_WITH(check_finite({{"a", tensor<float>({0, kInf}, {2})}}, "file"),
                    "file: tensor 'a': element 1 is not finite; got inf; expected a finite number");
}

}  // namespace
}  // namespace weft::nn
