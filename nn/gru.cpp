#include "nn/gru.hpp"

#include "autograd/ops.hpp"

// The gated recurrent unit (Cho et al. 2014, arXiv:1406.1078, eqs. 5-8), in PyTorch's form:
//
//     r  = sigmoid(W_ir x + b_ir + W_hr h + b_hr)           reset gate
//     z  = sigmoid(W_iz x + b_iz + W_hz h + b_hz)           update gate
//     n  = tanh(W_in x + b_in + r * (W_hn h + b_hn))        candidate
//     h' = (1 - z) * n + z * h
//
// The paper has W_hn (r * h), with r before the product; here r comes after it, so that the three
// products with h become one. weight_ih holds W_ir, W_iz, W_in stacked vertically, weight_hh
// likewise. Then gi = x W_ih^T + b_ih and gh = h W_hh^T + b_hh, and the op gru_cell does the rest.

namespace weft::nn {
namespace {

RecurrentState gru_step(const Tensor& gi, const Tensor& gh, const RecurrentState& state,
                        const Tensor& mask) {
  return {gru_cell(gi, gh, state[0], mask)};
}

constexpr CellEquations kGRU = {.name = "GRU", .gates = 3, .states = 1, .step = gru_step};

}  // namespace

GRUCell::GRUCell(std::int64_t input_size, std::int64_t hidden_size)
    : RecurrentCell(kGRU, input_size, hidden_size) {}

Tensor GRUCell::forward(const Tensor& x, const Tensor& h, const Tensor& mask) const {
  return step(input_product(x), {h}, mask)[0];
}

GRU::GRU(std::int64_t input_size, std::int64_t hidden_size, std::int64_t num_layers,
         bool bidirectional, double dropout_p)
    : RecurrentNetwork(kGRU, input_size, hidden_size, num_layers, bidirectional, dropout_p) {}

GRUOutput GRU::forward(const Tensor& x, const Tensor& lengths, const Tensor& h0) const {
  const RecurrentOutput all = run(x, lengths, {h0});
  return {.output = all.output, .h_n = all.final[0]};
}

}  // namespace weft::nn
