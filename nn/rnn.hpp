#pragma once

#include "nn/recurrent.hpp"

namespace weft::nn {

/// The nonlinearity f in the equations.
enum class Nonlinearity : std::uint8_t { tanh, relu };

/// One step of an Elman network (equations in rnn.cpp).
class RNNCell : public RecurrentCell {
 public:
  /// Parameters as in RecurrentCell, with one gate.
  RNNCell(std::int64_t input_size, std::int64_t hidden_size,
          Nonlinearity nonlinearity = Nonlinearity::tanh);

  /// x [B, I], h [B, H] -> h' [B, H]. Rows where the boolean `mask` [B] is false keep h.
  Tensor forward(const Tensor& x, const Tensor& h, const Tensor& mask = {}) const;
};

/// The result of an RNN. D is the number of directions, 1 or 2.
struct RNNOutput {
  Tensor output;  ///< [T, B, D*H], states of the last layer, forward then backward
  Tensor h_n;     ///< [layers*D, B, H], final states, by layer, then direction
};

/// An Elman network over padded sequences.
class RNN : public RecurrentNetwork {
 public:
  /// Parameters as in RecurrentNetwork, with one gate.
  RNN(std::int64_t input_size, std::int64_t hidden_size, std::int64_t num_layers = 1,
      bool bidirectional = false, double dropout_p = 0,
      Nonlinearity nonlinearity = Nonlinearity::tanh);

  /// x [T, B, I]; lengths [B] (int64), each in [1, T], all T if undefined; h0 [layers*D, B, H],
  /// zeros if undefined. Throws Error on other shapes or lengths.
  RNNOutput forward(const Tensor& x, const Tensor& lengths = {}, const Tensor& h0 = {}) const;
};

}  // namespace weft::nn
