#pragma once

#include "nn/dropout.hpp"

namespace weft::nn {

/// The parameters of a GRU in one direction: gates stacked in the order r, z, n.
struct GRUWeights {
  Tensor weight_ih;  ///< [3H, I]
  Tensor weight_hh;  ///< [3H, H]
  Tensor bias_ih;    ///< [3H]
  Tensor bias_hh;    ///< [3H]
};

/// One step of a gated recurrent unit (equations in gru.cpp).
class GRUCell : public Module {
 public:
  /// Parameters `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`, uniform in +-1/sqrt(hidden_size) as
  /// in PyTorch. Throws Error unless both sizes are at least 1.
  GRUCell(std::int64_t input_size, std::int64_t hidden_size);

  /// x [B, I], h [B, H] -> h' [B, H]. Rows where the boolean `mask` [B] is false keep h.
  Tensor forward(const Tensor& x, const Tensor& h, const Tensor& mask = {}) const;

  Tensor weight_ih;  ///< [3H, I]
  Tensor weight_hh;  ///< [3H, H]
  Tensor bias_ih;    ///< [3H]
  Tensor bias_hh;    ///< [3H]
};

/// What a GRU returns: D is 1 direction or 2.
struct GRUOutput {
  Tensor output;  ///< [T, B, D*H], the last layer's states; backward ones follow forward ones
  Tensor h_n;     ///< [layers*D, B, H], final states, ordered by layer, then direction
};

/// A gated recurrent network of one or more layers over padded sequences (equations in gru.cpp).
/// Padding never touches a state: outputs at padded positions are exactly 0, final states are
/// those after each row's last element (backward: its first), where the backward direction starts.
class GRU : public Module {
 public:
  /// Parameters are named and initialized as in PyTorch: `weight_ih_l0`, `weight_hh_l0`,
  /// `bias_ih_l0`, `bias_hh_l0`, then `..._l0_reverse`, then layer 1. Dropout stands
  /// between layers. Throws Error unless all sizes are at least 1 and 0 <= dropout_p < 1.
  GRU(std::int64_t input_size, std::int64_t hidden_size, std::int64_t num_layers = 1,
      bool bidirectional = false, double dropout_p = 0);

  /// x [T, B, I]; lengths [B] (int64), each in [1, T], all T if undefined; h0 [layers*D, B, H],
  /// zeros if undefined. Throws Error on other shapes or lengths.
  GRUOutput forward(const Tensor& x, const Tensor& lengths = {}, const Tensor& h0 = {}) const;

  /// I, the width of the input.
  std::int64_t input_size() const { return input_size_; }
  /// H, the width of a state.
  std::int64_t hidden_size() const { return hidden_size_; }
  /// Layers, one above the other.
  std::int64_t num_layers() const { return num_layers_; }
  /// 1, or 2 if bidirectional.
  std::int64_t num_directions() const { return num_directions_; }

  std::vector<GRUWeights> weights;  ///< ordered by layer, then direction
  Dropout dropout;                  ///< between layers

 private:
  std::vector<Tensor> initial_states(const Tensor& x, const Tensor& h0) const;

  std::int64_t input_size_;
  std::int64_t hidden_size_;
  std::int64_t num_layers_;
  std::int64_t num_directions_;
};

}  // namespace weft::nn
