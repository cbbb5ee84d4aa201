#include "optim/rows.hpp"

#include <algorithm>
#include <functional>
#include <memory>

#include "autograd/random.hpp"
#include "optim/adadelta.hpp"
#include "optim/adagrad.hpp"
#include "optim/adam.hpp"
#include "optim/sgd.hpp"
#include "tests/catch.hpp"

namespace weft::optim {
namespace {

/// A gradient of a table [num_rows, width] with repeated ids; even and odd steps use different
/// rows.
Gradient random_rows(std::int64_t num_rows, std::int64_t width, int step, Generator& generator) {
  std::vector<std::int64_t> ids(12);
  std::ranges::generate(ids, [&] { return generator.integer(num_rows / 2) * 2 + step % 2; });
  ids.push_back(ids.front());
  const auto count = static_cast<std::int64_t>(ids.size());
  return Gradient::rows(tensor(ids, {count}), randn({count, width}, generator), num_rows);
}

using Make = std::function<std::unique_ptr<Optimizer>(const Tensor&)>;

/// Checks that five steps with gradients of rows give the same result as with dense ones.
void check_rows_like_dense(const Make& make, std::int64_t num_rows, std::int64_t width) {
  Generator generator(1);
  Tensor sparse = randn({num_rows, width}, generator).set_requires_grad();
  Tensor dense = sparse.detach().clone().set_requires_grad();
  const auto sparse_optimizer = make(sparse);
  const auto dense_optimizer = make(dense);
  for (int step = 0; step < 5; ++step) {
    const Gradient rows = random_rows(num_rows, width, step, generator);
    dense.set_gradient(rows.dense());
    sparse.set_gradient(rows);
    sparse_optimizer->step();
    dense_optimizer->step();
    REQUIRE(identical(sparse.detach(), dense.detach()));
  }
  for (std::size_t i = 0; i < sparse_optimizer->state().size(); ++i) {
    CHECK(identical(sparse_optimizer->state()[i].second, dense_optimizer->state()[i].second));
  }
}

TEST_CASE("gradients of rows give the bits of dense ones") {
  const Make adam = [](const Tensor& p) {
    return std::make_unique<Adam>(NamedTensors{{"p", p}}, AdamOptions{.lr = 0.1});
  };
  const Make sgd = [](const Tensor& p) {
    return std::make_unique<SGD>(NamedTensors{{"p", p}}, SGDOptions{.lr = 0.1});
  };
  const Make momentum = [](const Tensor& p) {
    return std::make_unique<SGD>(NamedTensors{{"p", p}}, SGDOptions{.lr = 0.1, .momentum = 0.9});
  };
  const Make adamw = [](const Tensor& p) {
    return std::make_unique<AdamW>(NamedTensors{{"p", p}}, AdamWOptions{.lr = 0.1});
  };
  const Make adagrad = [](const Tensor& p) {
    return std::make_unique<Adagrad>(NamedTensors{{"p", p}}, AdagradOptions{.lr = 0.1});
  };
  const Make adadelta = [](const Tensor& p) {
    return std::make_unique<Adadelta>(NamedTensors{{"p", p}});
  };
  for (const Make& make : {adam, sgd, momentum, adamw, adagrad, adadelta}) {
    check_rows_like_dense(make, 10, 3);
    check_rows_like_dense(make, 2000, 37);  // on several threads
  }
}

TEST_CASE("rows are visited in order, absent ones as zeros") {
  const Gradient gradient =
      Gradient::rows(tensor<std::int64_t>({0, 2}, {2}), tensor<float>({1, 2, 3, 4}, {2, 2}), 4);
  std::vector<std::int64_t> begins;
  std::vector<float> values;
  for_each_row<float>(zeros({4, 2}), gradient, [&](std::int64_t begin, std::span<const float> g) {
    begins.push_back(begin);
    values.insert(values.end(), g.begin(), g.end());
  });
  CHECK(begins == std::vector<std::int64_t>{0, 2, 4, 6});
  CHECK(values == std::vector<float>{1, 2, 0, 0, 3, 4, 0, 0});
}

TEST_CASE("a vector or scalar is one row") {
  for (const Shape& shape : {Shape{6}, Shape{}}) {
    int calls = 0;
    const Tensor x = zeros(shape);
    for_each_row<float>(x, x, [&](std::int64_t begin, std::span<const float> g) {
      ++calls;
      CHECK(begin == 0);
      CHECK(static_cast<std::int64_t>(g.size()) == x.numel());
    });
    CHECK(calls == 1);
  }
}

}  // namespace
}  // namespace weft::optim
