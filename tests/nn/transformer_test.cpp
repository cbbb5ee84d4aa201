#include "nn/transformer.hpp"

#include "autograd/ops.hpp"
#include "tests/nn/against_pytorch.hpp"

namespace weft::nn {
namespace {

Tensor lengths() { return tensor<std::int64_t>({5, 2, 4}, {3}); }

TransformerOptions options(Norm norm, Activation activation) {
  return {.embed_dim = 6, .heads = 2, .ffn = 7, .activation = activation, .norm = norm};
}

void check_encoder(const std::string& fixture, const TransformerOptions& options) {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  TransformerEncoderLayer layer(options);
  check_against_pytorch(layer, fixture, dtype, {"x"}, {"output"}, [&](const auto&, const auto& x) {
    return std::vector{layer.forward(x[0], lengths())};
  });
}

void check_decoder(const std::string& fixture, const TransformerOptions& options) {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  TransformerDecoderLayer layer(options);
  check_against_pytorch(layer, fixture, dtype, {"x", "memory"}, {"output"},
                        [&](const auto&, const auto& x) {
                          return std::vector{layer.forward(x[0], x[1], lengths())};
                        });
}

TEST_CASE("an encoder layer agrees with PyTorch") {
  check_encoder("transformer_encoder_layer", options(Norm::post, Activation::relu));
}

TEST_CASE("a pre-norm encoder layer with gelu agrees with PyTorch") {
  check_encoder("transformer_encoder_layer_pre", options(Norm::pre, Activation::gelu));
}

TEST_CASE("a decoder layer agrees with PyTorch") {
  check_decoder("transformer_decoder_layer", options(Norm::post, Activation::relu));
}

TEST_CASE("a pre-norm decoder layer with silu agrees with PyTorch") {
  check_decoder("transformer_decoder_layer_pre", options(Norm::pre, Activation::silu));
}

TEST_CASE("a decoder layer may look back by a recurrent unit: its first sublayer is another") {
  TransformerOptions recurrent = options(Norm::pre, Activation::relu);
  recurrent.cell = DecoderCell::ssru;
  TransformerDecoderLayer layer(recurrent);
  REQUIRE(layer.self_attn == nullptr);
  Generator generator(1);
  const Tensor x = randn({4, 3, 6}, generator);
  const Tensor memory = randn({5, 3, 6}, generator);
  const Tensor y = x + layer.ssru->forward(layer.norm1.forward(x));
  const Tensor z =
      y + layer.multihead_attn.forward(layer.norm2.forward(y), memory, {.lengths = lengths()});
  const Tensor expected =
      z + layer.linear2.forward(relu(layer.linear1.forward(layer.norm3.forward(z))));
  CHECK(norm(layer.forward(x, memory, lengths()) - expected).item() < 1e-5);
}

TEST_CASE("dropout applies to what a sublayer adds, in training alone") {
  TransformerEncoderLayer layer(
      {.embed_dim = 4, .heads = 1, .ffn = 4, .dropout = 0.5, .norm = Norm::pre});
  Generator generator(1);
  const Tensor x = randn({2, 1, 4}, generator);
  const Tensor two = tensor<std::int64_t>({2}, {1});
  CHECK_FALSE(identical(layer.forward(x, two).detach(), layer.forward(x, two).detach()));
  layer.eval();
  CHECK(identical(layer.forward(x, two).detach(), layer.forward(x, two).detach()));
}

}  // namespace
}  // namespace weft::nn
