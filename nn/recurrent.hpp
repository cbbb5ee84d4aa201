#pragma once

#include <string_view>
#include <vector>

#include "nn/dropout.hpp"

/// The common part of all recurrent networks: parameters, layers, directions, lengths. The
/// equations of the cells are in gru.cpp, lstm.cpp and rnn.cpp.
namespace weft::nn {

/// What a cell passes from step to step: h [B, H], which is also its output, and for an LSTM
/// c [B, H]. For a whole network, each is [layers*D, B, H], ordered by layer, then direction.
using RecurrentState = std::vector<Tensor>;

/// The equations of a cell, in terms of the input product gi = x W_ih^T + b_ih and the hidden
/// product gh = h W_hh^T + b_hh, both [B, G*H].
struct CellEquations {
  std::string_view name;  ///< of the network, in error messages
  std::int64_t gates;     ///< G, the number of blocks of H rows in each weight
  std::int64_t states;    ///< number of tensors in a state: 1, or 2 with c
  /// gi, gh, state, mask -> the next state. Rows where the boolean `mask` [B] is false keep theirs;
  /// an undefined mask updates all rows.
  RecurrentState (*step)(const Tensor& gi, const Tensor& gh, const RecurrentState& state,
                         const Tensor& mask);
};

/// The parameters of a cell, with its gates stacked vertically.
struct RecurrentWeights {
  Tensor weight_ih;  ///< [G*H, I]
  Tensor weight_hh;  ///< [G*H, H]
  Tensor bias_ih;    ///< [G*H]
  Tensor bias_hh;    ///< [G*H]
};

/// One step of a recurrent network, for any cell.
class RecurrentCell : public Module {
 public:
  /// Parameters `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`, initialized uniform in
  /// +-1/sqrt(hidden_size) as in PyTorch. Throws Error unless both sizes are at least 1.
  RecurrentCell(const CellEquations& equations, std::int64_t input_size, std::int64_t hidden_size);

  /// x [B, I] -> the input product x W_ih^T + b_ih [B, G*H]; for all steps of a sequence at once
  /// x [T, B, I] -> [T, B, G*H].
  Tensor input_product(const Tensor& x) const;
  /// The next state, given the input product [B, G*H] of the step. Rows where the boolean `mask`
  /// [B] is false keep their state. Calls the forward hooks. Throws Error on other shapes.
  RecurrentState step(const Tensor& gi, const RecurrentState& state, const Tensor& mask = {}) const;

  Tensor weight_ih;  ///< [G*H, I]
  Tensor weight_hh;  ///< [G*H, H]
  Tensor bias_ih;    ///< [G*H]
  Tensor bias_hh;    ///< [G*H]

 private:
  CellEquations equations_;
};

/// The result of a recurrent network. D is the number of directions, 1 or 2.
struct RecurrentOutput {
  Tensor output;         ///< [T, B, D*H], h of the last layer, forward then backward
  RecurrentState final;  ///< each [layers*D, B, H]
};

/// A recurrent network of one or more layers over padded sequences, for any cell. Padding never
/// affects a state: outputs at padded positions are exactly 0, and the final states are those after
/// each row's last element (backward direction: its first). The backward direction starts at the
/// last element.
class RecurrentNetwork : public Module {
 public:
  /// Parameters are named and initialized as in PyTorch: `weight_ih_l0`, `weight_hh_l0`,
  /// `bias_ih_l0`, `bias_hh_l0`, then `..._l0_reverse`, then layer 1. Dropout is applied between
  /// layers. Throws Error unless all sizes are at least 1 and 0 <= dropout_p < 1.
  RecurrentNetwork(const CellEquations& equations, std::int64_t input_size,
                   std::int64_t hidden_size, std::int64_t num_layers = 1,
                   bool bidirectional = false, double dropout_p = 0);

  /// x [T, B, I]; lengths [B] (int64), each in [1, T], all T if undefined; `initial` has one tensor
  /// [layers*D, B, H] for each tensor of a state; undefined or omitted ones are zeros. Calls the
  /// forward hooks with output and final states. Throws Error on other shapes or lengths.
  RecurrentOutput run(const Tensor& x, const Tensor& lengths = {},
                      const RecurrentState& initial = {}) const;

  /// I, the input size.
  std::int64_t input_size() const { return input_size_; }
  /// H, the size of a hidden state.
  std::int64_t hidden_size() const { return hidden_size_; }
  /// The number of stacked layers.
  std::int64_t num_layers() const { return num_layers_; }
  /// 1, or 2 if bidirectional.
  std::int64_t num_directions() const { return num_directions_; }

  std::vector<RecurrentWeights> weights;  ///< ordered by layer, then direction
  Dropout dropout;                        ///< between layers

  /// Adds residual connections: from the second layer on, a layer's output is its states plus its
  /// input (Wu et al. 2016, arXiv:1609.08144, eq. 6).
  bool residual = false;
  /// Makes a unidirectional network read from each row's last element to its first (the reversed
  /// source of Sutskever et al. 2014, arXiv:1409.3215, section 3.3); outputs keep their positions.
  bool reversed = false;

 private:
  struct Padding;
  RecurrentOutput run_layers(const Tensor& x, const Tensor& lengths,
                             const RecurrentState& initial) const;
  Padding find_padding(const Tensor& x, const Tensor& lengths) const;
  std::vector<RecurrentState> initial_states(const Tensor& x, const RecurrentState& initial) const;
  Tensor run_direction(std::size_t i, const Tensor& x, RecurrentState& state,
                       const Padding& padding) const;

  CellEquations equations_;
  std::int64_t input_size_;
  std::int64_t hidden_size_;
  std::int64_t num_layers_;
  std::int64_t num_directions_;
};

}  // namespace weft::nn
