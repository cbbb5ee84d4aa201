#pragma once

#include "nn/recurrent.hpp"

namespace weft::nn {

/// The two states of an LSTM, each [B, H].
struct LSTMState {
  Tensor h;  ///< hidden state, which is also the output
  Tensor c;  ///< cell state
};

/// One step of a long short-term memory (equations in lstm.cpp).
class LSTMCell : public RecurrentCell {
 public:
  /// Parameters as in RecurrentCell, gates in the order i, f, g, o.
  LSTMCell(std::int64_t input_size, std::int64_t hidden_size);

  /// x [B, I], h and c [B, H] -> h' and c' [B, H]. Rows where the boolean `mask` [B] is false keep
  /// both.
  LSTMState forward(const Tensor& x, const LSTMState& state, const Tensor& mask = {}) const;
};

/// The result of an LSTM. D is the number of directions, 1 or 2.
struct LSTMOutput {
  Tensor output;  ///< [T, B, D*H], h of the last layer, forward then backward
  Tensor h_n;     ///< [layers*D, B, H], final h, by layer, then direction
  Tensor c_n;     ///< [layers*D, B, H], final c
};

/// A long short-term memory network over padded sequences.
class LSTM : public RecurrentNetwork {
 public:
  /// Parameters as in RecurrentNetwork, gates in the order i, f, g, o.
  LSTM(std::int64_t input_size, std::int64_t hidden_size, std::int64_t num_layers = 1,
       bool bidirectional = false, double dropout_p = 0);

  /// x [T, B, I]; lengths [B] (int64), each in [1, T], all T if undefined; h0 and c0
  /// [layers*D, B, H], zeros if undefined. Throws Error on other shapes or lengths.
  LSTMOutput forward(const Tensor& x, const Tensor& lengths = {}, const Tensor& h0 = {},
                     const Tensor& c0 = {}) const;
};

}  // namespace weft::nn
