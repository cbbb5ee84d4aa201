#include "nn/layer_norm.hpp"

#include "tests/nn/against_pytorch.hpp"

namespace weft::nn {
namespace {

TEST_CASE("LayerNorm agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  LayerNorm norm(6);
  check_against_pytorch(
      norm, "layer_norm", dtype, {"x"}, {"output"},
      [&](const auto&, const auto& leaves) { return std::vector{norm.forward(leaves[0])}; });
}

TEST_CASE("LayerNorm begins as the identity on normalized vectors") {
  const LayerNorm norm(2, 0);
  const Tensor x = tensor<float>({1, -1}, {1, 2});
  CHECK(identical(norm.forward(x).detach(), x));
}

TEST_CASE("LayerNorm refuses numbers out of range") {
  CHECK_THROWS_AS(LayerNorm(0), Error);
  CHECK_THROWS_WITH(LayerNorm(2, -1),
                    "LayerNorm: eps out of range; got -1; expected a finite number >= 0");
}

}  // namespace
}  // namespace weft::nn
