#pragma once

#include "nn/recurrent.hpp"

namespace weft::nn {

/// One step of a gated recurrent unit (equations in gru.cpp).
class GRUCell : public RecurrentCell {
 public:
  /// Parameters as in RecurrentCell, gates in the order r, z, n.
  GRUCell(std::int64_t input_size, std::int64_t hidden_size);

  /// x [B, I], h [B, H] -> h' [B, H]. Rows where the boolean `mask` [B] is false keep h.
  Tensor forward(const Tensor& x, const Tensor& h, const Tensor& mask = {}) const;
};

/// The result of a GRU. D is the number of directions, 1 or 2.
struct GRUOutput {
  Tensor output;  ///< [T, B, D*H], states of the last layer, forward then backward
  Tensor h_n;     ///< [layers*D, B, H], final states, by layer, then direction
};

/// A gated recurrent network over padded sequences.
class GRU : public RecurrentNetwork {
 public:
  /// Parameters as in RecurrentNetwork, gates in the order r, z, n.
  GRU(std::int64_t input_size, std::int64_t hidden_size, std::int64_t num_layers = 1,
      bool bidirectional = false, double dropout_p = 0);

  /// x [T, B, I]; lengths [B] (int64), each in [1, T], all T if undefined; h0 [layers*D, B, H],
  /// zeros if undefined. Throws Error on other shapes or lengths.
  GRUOutput forward(const Tensor& x, const Tensor& lengths = {}, const Tensor& h0 = {}) const;
};

}  // namespace weft::nn
