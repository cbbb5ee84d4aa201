#pragma once

#include <memory>

#include "autograd/names.hpp"
#include "nn/dropout.hpp"
#include "nn/layer_norm.hpp"
#include "nn/multihead_attention.hpp"
#include "nn/ssru.hpp"

/// The layers of a Transformer (equations in transformer.cpp), with the parameters of PyTorch's
/// modules of these names.
namespace weft::nn {

/// The activation between the two layers of a feed-forward network.
enum class Activation { relu, gelu, silu };
/// Their names.
constexpr auto names_of(Activation) {
  return name_table<Activation>(
      "activation",
      {{Activation::relu, "relu"}, {Activation::gelu, "gelu"}, {Activation::silu, "silu"}});
}

/// Where layer normalization stands.
enum class Norm {
  post,  ///< after the sum with a sublayer's output (Vaswani et al. 2017)
  pre,   ///< before the sublayer (Xiong et al. 2020, arXiv:2002.04745)
};
/// Their names.
constexpr auto names_of(Norm) {
  return name_table<Norm>("norm", {{Norm::post, "post"}, {Norm::pre, "pre"}});
}

/// What a layer of the decoder knows earlier tokens by.
enum class DecoderCell {
  attention,  ///< causal self-attention (Vaswani et al. 2017): the work of a step grows with t
  ssru,       ///< a simpler simple recurrent unit (Kim et al. 2019): it does not
};
/// Their names.
constexpr auto names_of(DecoderCell) {
  return name_table<DecoderCell>(
      "decoder-cell", {{DecoderCell::attention, "attention"}, {DecoderCell::ssru, "ssru"}});
}

/// The sizes and options of a layer.
struct TransformerOptions {
  std::int64_t embed_dim;                     ///< E
  std::int64_t heads;                         ///< divide E
  std::int64_t ffn;                           ///< F, units of the feed-forward network
  double dropout = 0;                         ///< of every sublayer's output
  Activation activation = Activation::relu;   ///< of the feed-forward network
  Norm norm = Norm::post;                     ///< of every sublayer
  DecoderCell cell = DecoderCell::attention;  ///< of a decoder's layer
};

/// What both kinds of layers have: feed-forward network, sums and norms.
class TransformerLayer : public Module {
 public:
  Linear linear1;  ///< E -> F
  Linear linear2;  ///< F -> E

 protected:
  /// Registers the dropout; a derived class registers linear1 and linear2.
  explicit TransformerLayer(const TransformerOptions& options);

  /// norm(x + dropout(f(x))), or x + dropout(f(norm(x))).
  template <class F>
  Tensor sublayer(const LayerNorm& norm, const Tensor& x, F f) const {
    if (norm_ == Norm::pre) {
      return x + dropout_.forward(f(norm.forward(x)));
    }
    return norm.forward(x + dropout_.forward(f(x)));
  }
  /// [..., E] -> [..., E]
  Tensor feed_forward(const Tensor& x) const;

 private:
  Dropout dropout_;
  Activation activation_;
  Norm norm_;
};

/// Self-attention and a feed-forward network.
class TransformerEncoderLayer : public TransformerLayer {
 public:
  /// Throws Error unless the sizes are at least 1 and heads divide E.
  explicit TransformerEncoderLayer(const TransformerOptions& options);

  /// x [S, B, E] with true lengths [B] -> [S, B, E]. Padding is read by no other position.
  Tensor forward(const Tensor& x, const Tensor& lengths, const Rotation& rotation = {}) const;

  MultiheadAttention self_attn;  ///< to all positions
  LayerNorm norm1;               ///< of self_attn
  LayerNorm norm2;               ///< of the feed-forward network
};

/// Causal self-attention or a recurrent unit, attention to the encoder's result, and a feed-forward
/// network.
class TransformerDecoderLayer : public TransformerLayer {
 public:
  /// Throws Error unless the sizes are at least 1 and heads divide E.
  explicit TransformerDecoderLayer(const TransformerOptions& options);

  /// x [T, B, E], memory [S, B, E] with true lengths [B] -> [T, B, E].
  Tensor forward(const Tensor& x, const Tensor& memory, const Tensor& lengths,
                 const Rotation& rotation = {}) const;

  /// The layer for any x [..., E], with its first two sublayers by functions, which return what
  /// they add before dropout: a decoder that keeps keys and values has its own for a single step.
  template <class Before, class Source>
  Tensor step(const Tensor& x, Before look_back, Source attend_source) const {
    const Tensor y = sublayer(norm1, x, look_back);
    const Tensor z = sublayer(norm2, y, attend_source);
    return sublayer(norm3, z, [this](const Tensor& h) { return feed_forward(h); });
  }

  std::unique_ptr<MultiheadAttention> self_attn;  ///< to this and earlier positions; or null
  std::unique_ptr<SSRU> ssru;                     ///< of the earlier positions; or null
  MultiheadAttention multihead_attn;              ///< to the encoder's result
  LayerNorm norm1;                                ///< of self_attn or ssru
  LayerNorm norm2;                                ///< of multihead_attn
  LayerNorm norm3;                                ///< of the feed-forward network
};

}  // namespace weft::nn
