#include "nn/transformer.hpp"

#include "autograd/ops.hpp"
#include "nn/init.hpp"

// Vaswani et al. 2017 (arXiv:1706.03762), section 3.1; each sublayer f of a layer has a residual
// connection around it, with dropout (section 5.4) and layer normalization:
//
//   post  y = norm(x + dropout(f(x)))        section 3.1
//   pre   y = x + dropout(f(norm(x)))        Xiong et al. 2020 (arXiv:2002.04745), section 3
//
//   FFN(x) = max(0, x W_1 + b_1) W_2 + b_2   eq. 2; or gelu, or silu(x) = x sigmoid(x)
//
// PyTorch's layers also apply dropout within the feed-forward network and to attention weights.
namespace weft::nn {

TransformerLayer::TransformerLayer(const TransformerOptions& options)
    : linear1(options.embed_dim, options.ffn),
      linear2(options.ffn, options.embed_dim),
      dropout_(options.dropout),
      activation_(options.activation),
      norm_(options.norm) {
  child("dropout", dropout_);
  for (Linear* const layer : {&linear1, &linear2}) {
    init::xavier_uniform_(layer->weight);
    init::zeros_(layer->bias);
  }
}

Tensor TransformerLayer::feed_forward(const Tensor& x) const {
  const Tensor h = linear1.forward(x);  // [..., F]
  switch (activation_) {
    case Activation::gelu:
      return linear2.forward(gelu(h));
    case Activation::silu:
      return linear2.forward(h * sigmoid(h));
    default:
      return linear2.forward(relu(h));
  }
}

TransformerEncoderLayer::TransformerEncoderLayer(const TransformerOptions& options)
    : TransformerLayer(options),
      self_attn(options.embed_dim, options.heads),
      norm1(options.embed_dim),
      norm2(options.embed_dim) {
  child("self_attn", self_attn);
  child("linear1", linear1);
  child("linear2", linear2);
  child("norm1", norm1);
  child("norm2", norm2);
}

Tensor TransformerEncoderLayer::forward(const Tensor& x, const Tensor& lengths,
                                        const Rotation& rotation) const {
  const Forward call(*this);
  const Tensor y = sublayer(norm1, x, [&](const Tensor& h) {
    return self_attn.forward(h, {.lengths = lengths, .rotation = rotation});
  });
  return call.output(sublayer(norm2, y, [this](const Tensor& h) { return feed_forward(h); }));
}

TransformerDecoderLayer::TransformerDecoderLayer(const TransformerOptions& options)
    : TransformerLayer(options),
      multihead_attn(options.embed_dim, options.heads),
      norm1(options.embed_dim),
      norm2(options.embed_dim),
      norm3(options.embed_dim) {
  if (options.cell == DecoderCell::ssru) {
    ssru = std::make_unique<SSRU>(options.embed_dim);
    child("ssru", *ssru);
  } else {
    self_attn = std::make_unique<MultiheadAttention>(options.embed_dim, options.heads);
    child("self_attn", *self_attn);
  }
  child("multihead_attn", multihead_attn);
  child("linear1", linear1);
  child("linear2", linear2);
  child("norm1", norm1);
  child("norm2", norm2);
  child("norm3", norm3);
}

Tensor TransformerDecoderLayer::forward(const Tensor& x, const Tensor& memory,
                                        const Tensor& lengths, const Rotation& rotation) const {
  const Forward call(*this);
  return call.output(step(
      x,
      [&](const Tensor& h) {
        return ssru ? ssru->forward(h)
                    : self_attn->forward(h, {.causal = true, .rotation = rotation});
      },
      [&](const Tensor& h) { return multihead_attn.forward(h, memory, {.lengths = lengths}); }));
}

}  // namespace weft::nn
