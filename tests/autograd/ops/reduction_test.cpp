#include "autograd/functional.hpp"
#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("sums and means over chosen dimensions") {
  const Tensor x = reshape(arange(24).to(DType::float64), {2, 3, 4});
  CHECK(sum(x).item() == 276);
  CHECK(mean(x).item() == 11.5);
  CHECK(sum(x, {0, 2}).to_vector<double>() == std::vector<double>{60, 92, 124});
  CHECK(sum(x, {-1, 1}).to_vector<double>() == std::vector<double>{66, 210});
  CHECK(sum(x, {1}, true).shape() == Shape{2, 1, 4});
  CHECK(mean(x, {1}).to_vector<double>() == std::vector<double>{4, 5, 6, 7, 16, 17, 18, 19});
  CHECK(sum(x, {0, 1, 2}, true).shape() == Shape{1, 1, 1});
  CHECK(identical(sum(zeros({0, 2}), {0}), zeros({2})));
  CHECK(sum(scalar(3)).item() == 3);
}

TEST_CASE("a long sum of floats keeps its digits") {
  CHECK(sum(full({10'000'000}, 0.1F)).item() == Approx(1e6).epsilon(1e-7));
  CHECK(sum(full({5'000'000, 2}, 0.1F), {0}).data<float>()[1] == Approx(5e5).epsilon(1e-7));
}

TEST_CASE("variance with and without correction") {
  const Tensor x = tensor<double>({1, 2, 3, 4, 4, 4}, {2, 3});
  CHECK(var(x, {1}).to_vector<double>() == std::vector<double>{1, 0});
  CHECK(var(x, {1}, 0).data<double>()[0] == Approx(2.0 / 3));
  CHECK(var(x).item() == Approx(1.6));
  CHECK(var(x, {0}, 1, true).shape() == Shape{1, 3});
}

TEST_CASE("the norm has derivative 0 at 0") {
  const Tensor x = tensor<double>({3, 4, 0, 0}, {2, 2}).set_requires_grad();
  const Tensor y = norm(x, {1});
  CHECK(y.to_vector<double>() == std::vector<double>{5, 0});
  sum(y).backward();
  const std::vector<double> g = x.grad().to_vector<double>();
  CHECK(g[0] == Approx(0.6));
  CHECK(g[1] == Approx(0.8));
  CHECK(g[2] == 0);
  CHECK(g[3] == 0);
}

TEST_CASE("running sums") {
  const Tensor x = tensor<float>({1, 2, 3, 4, 5, 6}, {2, 3});
  CHECK(identical(cumsum(x, 1), tensor<float>({1, 3, 6, 4, 9, 15}, {2, 3})));
  CHECK(identical(cumsum(x, 0), tensor<float>({1, 2, 3, 5, 7, 9}, {2, 3})));
}

TEST_CASE("the norm of what float32 cannot square, and its derivatives at 0") {
  CHECK(norm(tensor<float>({3e20F, 4e20F}, {2})).item() == Approx(5e20));
  const auto f = [](const std::vector<Tensor>& x) { return std::vector{norm(x[0], {1})}; };
  const Tensor x = tensor<double>({0, 0, 3, 4}, {2, 2});
  const std::vector<Tensor> along = functional::jvp(f, {x}, {ones({2, 2}, DType::float64)}).product;
  CHECK(along[0].data<double>()[0] == 0);
  CHECK(along[0].data<double>()[1] == Approx(1.4));
}

}  // namespace
}  // namespace weft
