#include "optim/clip.hpp"

#include <cmath>

#include "autograd/gradient.hpp"
#include "autograd/random.hpp"
#include "autograd/threads.hpp"
#include "tests/catch.hpp"
#include "tests/fixtures/fixture.hpp"

namespace weft::optim {
namespace {

using weft::testing::check_close;
using weft::testing::Fixture;

Tensor with_gradient(const Gradient& gradient) {
  Tensor parameter = zeros(gradient.shape(), gradient.dtype()).set_requires_grad();
  parameter.set_gradient(gradient);
  return parameter;
}

TEST_CASE("clip_grad_norm_ agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  const Fixture fixture("clip", dtype);
  for (const auto& [name, max_norm] : {std::pair{"below", 1.5}, std::pair{"above", 100.0}}) {
    const Tensor a = with_gradient(fixture["a"].clone());
    const Tensor b = with_gradient(fixture["b"].clone());
    const double norm = clip_grad_norm_({a, b}, max_norm);
    CHECK(norm == Approx(fixture["norm"].item()).epsilon(weft::testing::tolerance(dtype)));
    check_close("a", a.grad(), fixture[fmt::format("{}.a", name)]);
    check_close("b", b.grad(), fixture[fmt::format("{}.b", name)]);
  }
}

TEST_CASE("gradients of rows are clipped as the table they stand for") {
  const Gradient rows = Gradient::rows(tensor<std::int64_t>({1, 3, 1}, {3}),
                                       tensor<float>({3, 0, 0, 4, 3, 8}, {3, 2}), 4);
  const Tensor sparse = with_gradient(rows);
  const Tensor dense = with_gradient(rows.dense());
  CHECK(clip_grad_norm_({sparse}, 1) == std::sqrt(36.0 + 64 + 16));
  CHECK(clip_grad_norm_({dense}, 1) == std::sqrt(36.0 + 64 + 16));
  CHECK(sparse.gradient().is_rows());
  CHECK(identical(sparse.grad(), dense.grad()));
}

TEST_CASE("a norm that is not finite is reported and changes nothing") {
  for (const float bad : {NAN, INFINITY}) {
    const Tensor broken = with_gradient(full({2}, bad));
    const Tensor sound = with_gradient(full({2}, 100));
    CHECK_FALSE(std::isfinite(clip_grad_norm_({sound, broken}, 1)));
    CHECK(identical(sound.grad(), full({2}, 100)));
  }
}

TEST_CASE("the norm does not depend on the number of threads") {
  Generator generator(1);
  const Tensor parameter = with_gradient(randn({100003}, generator));
  const int threads = num_threads();
  set_num_threads(1);
  const double alone = clip_grad_norm_({parameter}, INFINITY);
  set_num_threads(3);
  const double shared = clip_grad_norm_({parameter}, INFINITY);
  set_num_threads(threads);
  CHECK(alone == shared);
}

TEST_CASE("parameters without gradient count for nothing") {
  const Tensor parameter = with_gradient(full({4}, 0.5));
  CHECK(clip_grad_norm_({ones({3}), parameter}, 10) == 1);
  CHECK(clip_grad_norm_({}, 10) == 0);
  CHECK(clip_grad_norm_({parameter, parameter}, 0.5) == 1);
  CHECK(parameter.grad().data<float>()[0] == Approx(0.25).epsilon(1e-5));
}

TEST_CASE("the largest norm is positive") {
  CHECK_THROWS_WITH(clip_grad_norm_({}, 0),
                    "clip_grad_norm_: max_norm out of range; got 0; expected max_norm > 0");
  CHECK_THROWS_AS(clip_grad_norm_({}, NAN), Error);
}

TEST_CASE("clip_grad_value_ agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  const Fixture fixture("clip_value", dtype);
  const Tensor parameter = with_gradient(fixture["before"].clone());
  clip_grad_value_({parameter, ones({3})}, 0.5);
  check_close("gradient", parameter.grad(), fixture["after"]);
}

TEST_CASE("elements of gradients of rows are clipped as those of the table they stand for") {
  const Gradient rows = Gradient::rows(tensor<std::int64_t>({1, 3, 1}, {3}),
                                       tensor<float>({3, 0, 0, 4, -2, -8}, {3, 2}), 4);
  const Tensor sparse = with_gradient(rows);
  clip_grad_value_({sparse}, 2);
  CHECK(sparse.gradient().is_rows());
  CHECK(identical(sparse.grad(), tensor<float>({0, 0, 1, -2, 0, 0, 0, 2}, {4, 2})));
}

TEST_CASE("clip_grad_value_ keeps NaN, moves infinity, and refuses a value that is not positive") {
  const Tensor parameter = with_gradient(tensor<float>({NAN, -INFINITY, 1}, {3}));
  clip_grad_value_({parameter}, 3);
  CHECK(std::isnan(parameter.grad().data<float>()[0]));
  CHECK(parameter.grad().data<float>()[1] == -3);
  CHECK(parameter.grad().data<float>()[2] == 1);
  CHECK_THROWS_WITH(clip_grad_value_({}, 0),
                    "clip_grad_value_: clip_value out of range; got 0; expected clip_value > 0");
}

}  // namespace
}  // namespace weft::optim
