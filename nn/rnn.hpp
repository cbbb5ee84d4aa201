#pragma once

#include "nn/recurrent.hpp"

namespace weft::nn {

/// f in the equations.
enum class Nonlinearity : std::uint8_t { tanh, relu };

/// One step of an Elman network (equations in rnn.cpp).
class RNNCell : public RecurrentCell {
 public:
  /// Parameters as in RecurrentCell, of one gate.
  RNNCell(std::int64_t input_size, std::int64_t hidden_size,
          Nonlinearity nonlinearity = Nonlinearity::tanh);

  /// x [B, I], h [B, H] -> h' [B, H]. Rows where the boolean `mask` [B] is false keep h.
  Tensor forward(const Tensor& x, const Tensor& h, const Tensor& mask = {}) const;
};

/// What an RNN returns: D is 1 direction or 2.
struct RNNOutput {
  Tensor output;  ///< [T, B, D*H], the last layer's states; backward ones follow forward ones
  Tensor h_n;     ///< [layers*D, B, H], final states, ordered by layer, then direction
};

/// An Elman network over padded sequences.
class RNN : public RecurrentNetwork {
 public:
  /// Parameters as in RecurrentNetwork, of one gate.
  RNN(std::int64_t input_size, std::int64_t hidden_size, std::int64_t num_layers = 1,
      bool bidirectional = false, double dropout_p = 0,
      Nonlinearity nonlinearity = Nonlinearity::tanh);

  /// x [T, B, I]; lengths [B] (int64), each in [1, T], all T if undefined; h0 [layers*D, B, H],
  /// zeros if undefined. Throws Error on other shapes or lengths.
  RNNOutput forward(const Tensor& x, const Tensor& lengths = {}, const Tensor& h0 = {}) const;
};

}  // namespace weft::nn
