#include "autograd/tensor.hpp"

#include <cstdint>
#include <limits>

#include "autograd/gradient.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("tensors are made with shape, dtype and elements") {
  CHECK(full({2}, 3).to_vector<float>() == std::vector<float>{3, 3});
  CHECK(ones({2}, DType::float64).to_vector<double>() == std::vector<double>{1, 1});
  CHECK(arange(3).to_vector<std::int64_t>() == std::vector<std::int64_t>{0, 1, 2});
  CHECK(scalar(2.5).shape().empty());
  CHECK(scalar(2.5).item() == 2.5);
  CHECK(bool_tensor({true, false}, {2}).data<bool>()[0]);
  CHECK_FALSE(bool_tensor({true, false}, {2}).data<bool>()[1]);
  const Tensor x = tensor<double>({1, 2, 3, 4, 5, 6}, {2, 3});
  CHECK(x.dim() == 2);
  CHECK(x.size(-1) == 3);
  CHECK(x.numel() == 6);
  CHECK(identical(zeros_like(x), zeros({2, 3}, DType::float64)));
  CHECK(empty({0, 3}).numel() == 0);
}

TEST_CASE("wrong sizes and types are named") {
  CHECK_THROWS_WITH(tensor<float>({1, 2}, {3}),
                    "tensor: number of values does not fit the shape; got 2 values; expected 3 for "
                    "[3]");
  CHECK_THROWS_WITH(zeros({2}).data<double>(),
                    "data: wrong element type; got float64; expected float32");
  CHECK_THROWS_WITH(zeros({2}).item(),
                    "item: not a single element; got shape [2]; expected one element");
  CHECK_THROWS_WITH(Tensor().shape(),
                    "tensor: undefined; expected a tensor with elements; hint: "
                    "default-constructed?");
  CHECK_THROWS_WITH(zeros({2}).size(1), "size: dimension out of range; got 1; expected [-1, 1)");
}

TEST_CASE("a size in bytes that overflows is an error, not a small buffer") {
  CHECK_THROWS_AS(empty({std::int64_t{1} << 61}, DType::float64), Error);
}

TEST_CASE("handles share the array, clones do not") {
  Tensor x = zeros({2});
  const Tensor handle = x;
  const Tensor view = x.detach();
  const Tensor copy = x.clone();
  x.mutable_data<float>()[0] = 7;
  CHECK(handle.data<float>()[0] == 7);
  CHECK(view.data<float>()[0] == 7);
  CHECK(copy.data<float>()[0] == 0);
  CHECK(handle.is_same(x));
  CHECK_FALSE(view.is_same(x));
}

TEST_CASE("only writing changes the version, seen through every view") {
  Tensor x = zeros({2});
  const Tensor view = reshape(x, {1, 2});
  const std::uint64_t before = x.version();
  CHECK(x.data<float>()[0] == 0);
  CHECK(x.version() == before);
  x.mutable_data<float>()[0] = 1;
  CHECK(view.version() == before + 1);
}

TEST_CASE("to converts elements") {
  const Tensor x = tensor<float>({0, 1.75F, -2}, {3});
  CHECK(x.to(DType::int64).to_vector<std::int64_t>() == std::vector<std::int64_t>{0, 1, -2});
  CHECK(identical(x.to(DType::boolean), bool_tensor({false, true, true}, {3})));
  CHECK(identical(bool_tensor({false, true}, {2}).to(DType::float64), tensor<double>({0, 1}, {2})));
}

TEST_CASE("copy_ writes into the storage and fits exactly") {
  Tensor x = zeros({2});
  const Tensor view = x.detach();
  x.copy_(tensor<float>({1, 2}, {2}));
  CHECK(view.to_vector<float>() == std::vector<float>{1, 2});
  CHECK_THROWS_WITH(x.copy_(zeros({3})),
                    "copy_: does not fit; got [3] float32; expected [2] float32");
  CHECK_THROWS_WITH(x.copy_(zeros({2}, DType::float64)),
                    "copy_: does not fit; got [2] float64; expected [2] float32");
}

TEST_CASE("set_data replaces what all handles of a leaf see") {
  Tensor x = zeros({2}).set_requires_grad();
  const Tensor handle = x;
  x.set_gradient(ones({2}));
  x.set_data(ones({3}, DType::float64));
  CHECK(identical(handle, ones({3}, DType::float64)));
  CHECK(handle.requires_grad());
  CHECK_FALSE(handle.grad().defined());
  Tensor y = x * 2.0;
  CHECK_THROWS_WITH(y.set_data(x), "set_data: not a leaf, an op made this tensor");
}

TEST_CASE("only floating leaves ask for gradients") {
  CHECK_THROWS_WITH(arange(2).set_requires_grad(),
                    "set_requires_grad: only floating tensors have gradients; got int64");
  const Tensor x = zeros({2}).set_requires_grad();
  Tensor y = x + x;
  CHECK(x.is_leaf());
  CHECK_FALSE(y.is_leaf());
  CHECK(y.requires_grad());
  CHECK_FALSE(y.detach().requires_grad());
  CHECK(y.clone().requires_grad());
  CHECK_THROWS_WITH(y.set_requires_grad(),
                    "set_requires_grad: not a leaf, an op made this tensor; hint: use detach() "
                    "first");
}

TEST_CASE("a leaf that an op's result replaces is told when it has no gradient") {
  Tensor w = ones({2}).set_requires_grad();
  const auto step = [&] {
    sum(w * w).backward();
    w = w - 0.1 * w.grad();
  };
  step();
  CHECK_THROWS_WITH(step(),
                    "grad: an op made this tensor, so it is no leaf and keeps no gradient; hint: "
                    "change a leaf in place under NoGradGuard, w.copy_(w - step), or call "
                    "retain_grad() before backward");
  CHECK_FALSE(w.retains_grad());
  w.retain_grad();
  CHECK(w.retains_grad());
  CHECK_FALSE(w.grad().defined());
}

template <class T>
concept Readable = requires(const Tensor& x) {
  x.data<T>();
};

TEST_CASE("elements are of four types") {
  STATIC_REQUIRE(Readable<float>);
  STATIC_REQUIRE(Readable<std::int64_t>);
  STATIC_REQUIRE_FALSE(Readable<int>);
  STATIC_REQUIRE_FALSE(Readable<char>);
}

TEST_CASE("what is no op does not lose a gradient in silence") {
  const Tensor x = zeros({2}).set_requires_grad();
  CHECK_THROWS_WITH(x.to(DType::float64),
                    "to: not differentiable, and the tensor requires a gradient; hint: detach() "
                    "it");
  CHECK_THROWS_WITH(zeros({2}).copy_(x),
                    "copy_: not differentiable, and the tensor requires a gradient; hint: "
                    "detach() it");
  CHECK(x.detach().to(DType::float64).dtype() == DType::float64);
  const NoGradGuard guard;
  CHECK(x.to(DType::float64).dtype() == DType::float64);
}

TEST_CASE("a leaf that asks for gradients stays floating") {
  Tensor x = zeros({2}).set_requires_grad();
  CHECK_THROWS_WITH(x.set_data(arange(3)),
                    "set_data: only floating tensors have gradients; got int64");
}

TEST_CASE("the undefined tensor has no gradient to set") {
  CHECK_THROWS_AS(Tensor().zero_grad(), Error);
}

TEST_CASE("a gradient set by hand must fit") {
  Tensor x = zeros({2});
  x.set_gradient(ones({2}));
  CHECK(identical(x.grad(), ones({2})));
  x.zero_grad();
  CHECK_FALSE(x.grad().defined());
  CHECK_THROWS_WITH(x.set_gradient(ones({3})),
                    "set_gradient: does not fit; got [3] float32; expected [2] float32");
}

TEST_CASE("identical compares bits") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(identical(full({2}, nan), full({2}, nan)));
  CHECK_FALSE(identical(full({2}, 0.0), full({2}, -0.0)));
  CHECK_FALSE(identical(zeros({2}), zeros({2}, DType::float64)));
  CHECK_FALSE(identical(zeros({2}), zeros({1, 2})));
  CHECK(identical(zeros({0}), zeros({0})));
}

}  // namespace
}  // namespace weft
