#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("conv2d: a kernel of one is a product over channels") {
  Generator generator(1);
  const Tensor x = randn({2, 5, 3, 4}, generator, DType::float64);
  const Tensor w = randn({6, 5, 1, 1}, generator, DType::float64);
  const Tensor y = conv2d(x, w);
  const Tensor expected = reshape(
      matmul(expand(reshape(w, {1, 6, 5}), {2, 6, 5}), reshape(x, {2, 5, 12})), {2, 6, 3, 4});
  for (std::size_t i = 0; i < y.data<double>().size(); ++i) {
    CHECK(y.data<double>()[i] == Approx(expected.data<double>()[i]));
  }
}

// As a whole channel group, and with more outputs than a task computes.
TEST_CASE("conv2d: what groups compute are convolutions of their own") {
  Generator generator(2);
  const Tensor x = randn({2, 4, 30, 31}, generator);
  const Tensor w = randn({6, 2, 3, 3}, generator);
  const Window window = {.stride = {1, 2}, .padding = {1, 1}};
  const Tensor whole = conv2d(x, w, {}, window, 2);
  for (const std::int64_t group : {0, 1}) {
    const Tensor part = conv2d(narrow(x, 1, 2 * group, 2), narrow(w, 0, 3 * group, 3), {}, window);
    CHECK(identical(part, narrow(whole, 1, 3 * group, 3)));
  }
}

TEST_CASE("conv2d: the bits depend neither on threads nor on the batch") {
  Generator generator(3);
  const Tensor x = randn({3, 8, 60, 61}, generator).set_requires_grad();
  const Tensor w = randn({7, 8, 3, 3}, generator).set_requires_grad();
  const auto compute = [&] {
    const Tensor y = conv2d(x, w, {}, {.padding = {1, 1}});
    std::vector<Tensor> all = grad({sum(y * y)}, {x, w});
    all.push_back(y.detach());
    return all;
  };
  std::vector<Tensor> alone;
  {
    const testing::WithThreads one(1);
    alone = compute();
  }
  const testing::WithThreads several(4);
  CHECK(std::ranges::equal(compute(), alone, identical));
  const Tensor one = conv2d(narrow(x, 0, 1, 1), w, {}, {.padding = {1, 1}});
  CHECK(identical(one.detach(), narrow(alone[2], 0, 1, 1)));
}

TEST_CASE("fold adds up what windows share") {
  const Tensor windows = ones({1, 4, 4});  // 2 x 2 windows on a 3 x 3 image
  CHECK(fold(windows, {3, 3}, {2, 2}).to_vector<float>() ==
        std::vector<float>{1, 2, 1, 2, 4, 2, 1, 2, 1});
}

TEST_CASE("pooling: windows side by side; the first of equals gets the gradient") {
  const Tensor x = tensor<float>({1, 5, 5, 2, 3, 4, 0, 1}, {1, 1, 2, 4}).set_requires_grad();
  const Tensor y = max_pool2d(x, {2, 2});
  CHECK(y.to_vector<float>() == std::vector<float>{5, 5});
  CHECK(grad({sum(y)}, {x})[0].to_vector<float>() == std::vector<float>{0, 1, 1, 0, 0, 0, 0, 0});
  CHECK(avg_pool2d(x, {2, 2}).to_vector<float>() == std::vector<float>{3.25, 2});
  const Tensor tied = zeros({1, 1, 1, 2}).set_requires_grad();
  CHECK(grad({sum(max_pool2d(tied, {1, 2}))}, {tied})[0].to_vector<float>() ==
        std::vector<float>{1, 0});
  const Tensor nan = tensor<float>({1, NAN, 2}, {1, 1, 1, 3});
  CHECK(std::isnan(max_pool2d(nan, {1, 3}).item()));
}

TEST_CASE("permute: every order of dimensions, of any sizes") {
  Generator generator(4);
  const std::vector<Shape> shapes = {{3, 4, 5},    {1, 40, 35}, {40, 1, 35}, {33, 34, 1},
                                     {17, 18, 19}, {70, 3, 67}, {40, 70, 2}};
  for (const Shape& shape : shapes) {
    const Tensor x = randn(shape, generator);
    std::vector<std::int64_t> dims = {0, 1, 2};
    do {
      const Tensor y = permute(x, dims);
      CHECK(identical(permute(x.to(DType::float64), dims), y.to(DType::float64)));
      std::vector<float> expected;
      std::array<std::int64_t, 3> at{};  // an index of x
      const auto size = [&](std::size_t i) { return shape[static_cast<std::size_t>(dims[i])]; };
      for (std::int64_t i = 0; i < size(0) * size(1) * size(2); ++i) {
        at[static_cast<std::size_t>(dims[0])] = i / size(2) / size(1);
        at[static_cast<std::size_t>(dims[1])] = i / size(2) % size(1);
        at[static_cast<std::size_t>(dims[2])] = i % size(2);
        const std::int64_t place = (at[0] * shape[1] + at[1]) * shape[2] + at[2];
        expected.push_back(x.data<float>()[static_cast<std::size_t>(place)]);
      }
      INFO(fmt::format("{} {}", shape, dims));
      CHECK(y.to_vector<float>() == expected);
    } while (std::next_permutation(dims.begin(), dims.end()));
  }
}

}  // namespace
}  // namespace weft
