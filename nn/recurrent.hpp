#pragma once

#include <string_view>
#include <vector>

#include "nn/dropout.hpp"

/// What all recurrent networks have in common: parameters, layers, directions, lengths. The
/// equations of the cells stand in gru.cpp, lstm.cpp and rnn.cpp.
namespace weft::nn {

/// What a cell hands from step to step: h [B, H], which is also what it puts out, and for an LSTM
/// c [B, H]. For a whole network: each of them [layers*D, B, H], ordered by layer, then direction.
using RecurrentState = std::vector<Tensor>;

/// The equations of a cell, given the input product gi = x W_ih^T + b_ih and the hidden product
/// gh = h W_hh^T + b_hh, both [B, G*H].
struct CellEquations {
  std::string_view name;  ///< of the network, in error messages
  std::int64_t gates;     ///< G, the blocks of H rows that each weight has
  std::int64_t states;    ///< tensors of a state: 1, or 2 with c
  /// gi, gh, state, mask -> the next state. Rows where the boolean `mask` [B] is false keep theirs;
  /// an undefined mask keeps none.
  RecurrentState (*step)(const Tensor& gi, const Tensor& gh, const RecurrentState& state,
                         const Tensor& mask);
};

/// The parameters of a cell, its gates one below the other.
struct RecurrentWeights {
  Tensor weight_ih;  ///< [G*H, I]
  Tensor weight_hh;  ///< [G*H, H]
  Tensor bias_ih;    ///< [G*H]
  Tensor bias_hh;    ///< [G*H]
};

/// One step of a recurrent network, for any cell.
class RecurrentCell : public Module {
 public:
  /// Parameters `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`, uniform in +-1/sqrt(hidden_size) as
  /// in PyTorch. Throws Error unless both sizes are at least 1.
  RecurrentCell(const CellEquations& equations, std::int64_t input_size, std::int64_t hidden_size);

  /// x [B, I] -> the input product x W_ih^T + b_ih [B, G*H]; for all steps of a sequence at once
  /// x [T, B, I] -> [T, B, G*H].
  Tensor input_product(const Tensor& x) const;
  /// The next state, given the input product of the step [B, G*H]. Rows where the boolean `mask`
  /// [B] is false keep theirs. Calls the forward hooks. Throws Error on other shapes.
  RecurrentState step(const Tensor& gi, const RecurrentState& state, const Tensor& mask = {}) const;

  Tensor weight_ih;  ///< [G*H, I]
  Tensor weight_hh;  ///< [G*H, H]
  Tensor bias_ih;    ///< [G*H]
  Tensor bias_hh;    ///< [G*H]

 private:
  CellEquations equations_;
};

/// What a recurrent network returns: D is 1 direction or 2.
struct RecurrentOutput {
  Tensor output;         ///< [T, B, D*H], the last layer's h; backward ones follow forward ones
  RecurrentState final;  ///< each [layers*D, B, H]
};

/// A recurrent network of one or more layers over padded sequences, for any cell. Padding never
/// touches a state: outputs at padded positions are exactly 0, final states are those after each
/// row's last element (backward: its first), where the backward direction starts.
class RecurrentNetwork : public Module {
 public:
  /// Parameters are named and initialized as in PyTorch: `weight_ih_l0`, `weight_hh_l0`,
  /// `bias_ih_l0`, `bias_hh_l0`, then `..._l0_reverse`, then layer 1. Dropout stands
  /// between layers. Throws Error unless all sizes are at least 1 and 0 <= dropout_p < 1.
  RecurrentNetwork(const CellEquations& equations, std::int64_t input_size,
                   std::int64_t hidden_size, std::int64_t num_layers = 1,
                   bool bidirectional = false, double dropout_p = 0);

  /// x [T, B, I]; lengths [B] (int64), each in [1, T], all T if undefined; `initial` has a tensor
  /// [layers*D, B, H] for each of a state, zeros where undefined or left out. Calls the forward
  /// hooks, with output and final states. Throws Error on other shapes or lengths.
  RecurrentOutput run(const Tensor& x, const Tensor& lengths = {},
                      const RecurrentState& initial = {}) const;

  /// I, the width of the input.
  std::int64_t input_size() const { return input_size_; }
  /// H, the width of a state.
  std::int64_t hidden_size() const { return hidden_size_; }
  /// Layers, one above the other.
  std::int64_t num_layers() const { return num_layers_; }
  /// 1, or 2 if bidirectional.
  std::int64_t num_directions() const { return num_directions_; }

  std::vector<RecurrentWeights> weights;  ///< ordered by layer, then direction
  Dropout dropout;                        ///< between layers

  /// From the second layer on, a layer's output is its states plus its input (Wu et al. 2016,
  /// arXiv:1609.08144, eq. 6).
  bool residual = false;
  /// A network of one direction then reads from each row's last element to its first (the reversed
  /// source of Sutskever et al. 2014, arXiv:1409.3215, section 3.3); outputs stay at their places.
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
