#include "nn/embedding.hpp"

#include <algorithm>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "nn/init.hpp"

namespace weft::nn {
namespace {

/// ids [...] -> boolean [..., 1], true where an element equals `id`.
Tensor equal_to(const Tensor& ids, std::int64_t id) {
  Shape shape = ids.shape();
  shape.push_back(1);
  Tensor mask = empty(shape, DType::boolean);
  std::ranges::transform(ids.data<std::int64_t>(), mask.mutable_data<bool>().begin(),
                         [id](std::int64_t other) { return other == id; });
  return mask;
}

}  // namespace

Embedding::Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim,
                     std::optional<std::int64_t> padding_idx)
    : weight(parameter("weight", {num_embeddings, embedding_dim})), padding_idx_(padding_idx) {
  init::normal_(weight);
  if (padding_idx) {
    if (*padding_idx < 0 || *padding_idx >= num_embeddings) {
      fail("Embedding: padding_idx out of range; got {}; expected 0 <= padding_idx < {}",
           *padding_idx, num_embeddings);
    }
    const NoGradGuard no_grad;
    init::zeros_(narrow(weight, 0, *padding_idx, 1));
  }
}

Tensor Embedding::forward(const Tensor& ids) const {
  const Forward call(*this);
  const Tensor vectors = embedding(ids, weight);  // [..., D]
  return call.output(padding_idx_ ? masked_fill(vectors, equal_to(ids, *padding_idx_), 0)
                                  : vectors);
}

}  // namespace weft::nn
