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

TEST_CASE("a step of attention is a row of all") {
  Generator generator(1);
  MultiheadAttention attention(6, 2);
  attention.to(DType::float64);
  const Tensor query = randn({1, 4, 6}, generator, DType::float64);
  const Tensor memory = randn({5, 3, 6}, generator, DType::float64);
  const Tensor rows = tensor<std::int64_t>({2, 0, 0, 1}, {4});
  const Tensor lengths = tensor<std::int64_t>({5, 2, 4}, {3});
  Tensor padding = zeros({5, 3}, DType::boolean);
  for (const std::size_t i : {7, 10, 13, 14}) {  // behind the lengths
    padding.mutable_data<bool>()[i] = true;
  }
  const Tensor step =
      attention
          .attend(attention.project_query(reshape(query, {4, 6})), attention.project_key(memory),
                  attention.project_value(memory), padding, rows)
          .output;
  const Tensor whole = attention.forward(query, index_select(memory, 1, rows),
                                         {.lengths = index_select(lengths, 0, rows)});
  CHECK(norm(step - reshape(whole, {4, 6})).item() < 1e-12);
}

TEST_CASE("heads divide the width") {
  CHECK_THROWS_WITH(MultiheadAttention(6, 4),
                    "MultiheadAttention: heads must divide the width; got 4 heads and width 6");
}

}  // namespace
}  // namespace weft::nn
