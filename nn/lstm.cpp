#include "nn/lstm.hpp"

#include "autograd/ops.hpp"

// The long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
// 2000), in PyTorch's form:
//
//     i  = sigmoid(W_ii x + b_ii + W_hi h + b_hi)           input gate
//     f  = sigmoid(W_if x + b_if + W_hf h + b_hf)           forget gate
//     g  = tanh(W_ig x + b_ig + W_hg h + b_hg)              candidate
//     o  = sigmoid(W_io x + b_io + W_ho h + b_ho)           output gate
//     c' = f * c + i * g
//     h' = o * tanh(c')
//
// weight_ih holds W_ii, W_if, W_ig, W_io stacked vertically, weight_hh likewise. Then
// gi = x W_ih^T + b_ih and gh = h W_hh^T + b_hh, and the op lstm_cell does the rest.

namespace weft::nn {
namespace {

RecurrentState lstm_step(const Tensor& gi, const Tensor& gh, const RecurrentState& state,
                         const Tensor& mask) {
  return lstm_cell(gi, gh, state[0], state[1], mask);
}

constexpr CellEquations kLSTM = {.name = "LSTM", .gates = 4, .states = 2, .step = lstm_step};

}  // namespace

LSTMCell::LSTMCell(std::int64_t input_size, std::int64_t hidden_size)
    : RecurrentCell(kLSTM, input_size, hidden_size) {}

LSTMState LSTMCell::forward(const Tensor& x, const LSTMState& state, const Tensor& mask) const {
  const RecurrentState next = step(input_product(x), {state.h, state.c}, mask);
  return {.h = next[0], .c = next[1]};
}

LSTM::LSTM(std::int64_t input_size, std::int64_t hidden_size, std::int64_t num_layers,
           bool bidirectional, double dropout_p)
    : RecurrentNetwork(kLSTM, input_size, hidden_size, num_layers, bidirectional, dropout_p) {}

LSTMOutput LSTM::forward(const Tensor& x, const Tensor& lengths, const Tensor& h0,
                         const Tensor& c0) const {
  const RecurrentOutput all = run(x, lengths, {h0, c0});
  return {.output = all.output, .h_n = all.final[0], .c_n = all.final[1]};
}

}  // namespace weft::nn
