#include "nn/multihead_attention.hpp"

#include "autograd/ops.hpp"
#include "tests/nn/against_pytorch.hpp"

namespace weft::nn {
namespace {

TEST_CASE("MultiheadAttention agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  MultiheadAttention attention(6, 2);
  check_against_pytorch(attention, "multihead_attention", dtype, {"query", "memory"}, {"output"},
                        [&](const auto&, const auto& x) {
                          return std::vector{attention.forward(
                              x[0], x[1], {.lengths = tensor<std::int64_t>({5, 2, 4}, {3})})};
                        });
}

TEST_CASE("causal self-attention agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  MultiheadAttention attention(6, 3);
  check_against_pytorch(attention, "multihead_attention_causal", dtype, {"x"}, {"output"},
                        [&](const auto&, const auto& x) {
                          return std::vector{attention.forward(x[0], {.causal = true})};
                        });
}

TEST_CASE("the parts of attention are those of the whole, in one product or two") {
  Generator generator(1);
  MultiheadAttention attention(6, 2);
  attention.to(DType::float64);
  const Tensor x = randn({4, 6}, generator, DType::float64);
  const Tensor all = attention.project(x, {});  // [4, 18]
  CHECK(norm(narrow(all, 1, 0, 6) - attention.project_query(x)).item() < 1e-14);
  CHECK(norm(narrow(all, 1, 6, 12) - attention.project_key_value(x)).item() < 1e-14);
}

TEST_CASE("with a rotation, queries and keys are turned, and values are not") {
  Generator generator(1);
  MultiheadAttention attention(8, 2);
  attention.to(DType::float64);
  const Tensor x = randn({3, 8}, generator, DType::float64);
  const Rotation rotation{reshape(rotary_cosines(3, 4), {3, 1, 4}).to(DType::float64),
                          reshape(rotary_sines(3, 4), {3, 1, 4}).to(DType::float64)};
  const Tensor plain = attention.project(x, {});
  const Tensor turned = attention.project(x, rotation);
  CHECK(identical(narrow(plain, 1, 16, 8), narrow(turned, 1, 16, 8)));
  for (const std::int64_t column : {0, 8}) {
    const Tensor part = reshape(narrow(plain, 1, column, 8), {3, 2, 4});
    CHECK(identical(reshape(rotate(part, rotation), {3, 8}), narrow(turned, 1, column, 8)));
  }
}

TEST_CASE("heads divide the width") {
  CHECK_THROWS_WITH(MultiheadAttention(6, 4),
                    "MultiheadAttention: heads must divide the width; got 4 heads and width 6");
}

}  // namespace
}  // namespace weft::nn
