#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("argmax names the first of the largest along the last dimension") {
  const Tensor x = tensor<float>({1, 3, 3, 0, -1, -2}, {2, 3});
  CHECK(argmax(x).to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 0});
  CHECK(argmax(tensor<float>({1, 2}, {2})).shape().empty());
  CHECK_THROWS_WITH(argmax(zeros({2, 0})), "argmax: nothing to choose from; got shape [2, 0]");
}

TEST_CASE("comparisons broadcast and record nothing") {
  const Tensor x = tensor<float>({1, 2, 3}, {3}).set_requires_grad();
  CHECK(identical(lt(x, 2), bool_tensor({true, false, false}, {3})));
  CHECK(identical(le(x, 2), bool_tensor({true, true, false}, {3})));
  CHECK(identical(gt(x, 2), bool_tensor({false, false, true}, {3})));
  CHECK(identical(ge(x, 2), bool_tensor({false, true, true}, {3})));
  CHECK(identical(eq(x, 2), bool_tensor({false, true, false}, {3})));
  CHECK(identical(ne(x, 2), bool_tensor({true, false, true}, {3})));
  const Tensor column = tensor<std::int64_t>({0, 1}, {2, 1});
  CHECK(identical(eq(column, arange(2)), bool_tensor({true, false, false, true}, {2, 2})));
  CHECK_FALSE(gt(x, 2).requires_grad());
  CHECK_FALSE(argmax(x).requires_grad());
  CHECK_THROWS_WITH(eq(x, arange(3)),
                    "eq: dtypes differ; got float32 and int64; hint: convert one with to()");
}

TEST_CASE("a fraction is no id, and NaN is the largest") {
  CHECK_THROWS_WITH(eq(arange(3), 0.5),
                    Catch::StartsWith("eq: dtypes differ; got int64 and the number 0.5"));
  CHECK(argmax(tensor<float>({1, NAN, 2}, {3})).item() == 1);
}

TEST_CASE("topk has the largest first, of equals the first, and NaN last") {
  const Tensor x = tensor<float>({1, 3, 2, 3, NAN, 0, -1, NAN, 5, 4}, {2, 5});
  const TopK top = topk(x, 4);
  CHECK(top.ids.to_vector<std::int64_t>() == std::vector<std::int64_t>{1, 3, 2, 0, 3, 4, 0, 1});
  CHECK(identical(narrow(top.values, 0, 0, 1), tensor<float>({3, 3, 2, 1}, {1, 4})));
  CHECK_THROWS_WITH(topk(x, 6),
                    "topk: k out of range; got 6 of shape [2, 5]; expected 1 to the last size");
}

TEST_CASE("rows of many elements are searched block by block") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  Generator generator(2);
  Tensor x = randn({6, 1000}, generator);
  float* const values = x.mutable_data<float>().data();
  values[700] = values[300] = 9;                     // twice: the first counts
  values[1000 + 999] = 9;                            // the last
  values[2 * 1000 + 600] = NAN;                      // behind larger numbers
  std::fill_n(values + 3 * 1000, 1000, -kInfinity);  // nothing above the start
  std::fill_n(values + 4 * 1000, 1000, NAN);
  const std::vector<std::int64_t> best = argmax(x).to_vector<std::int64_t>();
  CHECK(std::vector(best.begin(), best.begin() + 5) ==
        std::vector<std::int64_t>{300, 999, 600, 0, 0});
  const TopK top = topk(x, 7);
  for (std::int64_t row = 0; row < 6; ++row) {
    std::vector<std::int64_t> order = arange(1000).to_vector<std::int64_t>();
    const float* const own = values + row * 1000;
    std::ranges::stable_sort(order, [own](std::int64_t a, std::int64_t b) {
      return own[a] > own[b] || (std::isnan(own[b]) && !std::isnan(own[a]));
    });
    order.resize(7);
    CHECK(narrow(top.ids, 0, row, 1).to_vector<std::int64_t>() == order);
  }
}

}  // namespace
}  // namespace weft
