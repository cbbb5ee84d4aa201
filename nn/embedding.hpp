#pragma once

#include <optional>

#include "nn/module.hpp"

namespace weft::nn {

/// A table with one vector per id.
class Embedding : public Module {
 public:
  /// Entries are initialized normal with mean 0 and standard deviation 1. The vector of
  /// `padding_idx` is zero and gets no gradient, so it stays zero. Throws Error unless both sizes
  /// are at least 1 and padding_idx is a valid id.
  Embedding(std::int64_t num_embeddings, std::int64_t embedding_dim,
            std::optional<std::int64_t> padding_idx = std::nullopt);

  /// ids [...] (int64) -> [..., embedding_dim]. Throws Error if an id is not in the table.
  Tensor forward(const Tensor& ids) const;

  Tensor weight;  ///< [num_embeddings, embedding_dim]

 private:
  std::optional<std::int64_t> padding_idx_;
};

}  // namespace weft::nn
