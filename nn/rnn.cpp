#include "nn/rnn.hpp"

#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"

// The simple recurrent network (Elman 1990, "Finding structure in time"), in PyTorch's form:
//
//     h' = f(W_ih x + b_ih + W_hh h + b_hh)                 f = tanh or relu

namespace weft::nn {
namespace {

template <Tensor (*F)(const Tensor&)>
RecurrentState rnn_step(const Tensor& gi, const Tensor& gh, const RecurrentState& state,
                        const Tensor& mask) {
  ops::check_shape("RNN", "input product", gi, gh.shape());  // otherwise the sum would broadcast
  if (mask.defined()) {
    ops::check_shape("RNN", "mask", mask, {gh.size(0)});
  }
  const Tensor next = F(gi + gh);
  return {mask.defined() ? where(reshape(mask, {-1, 1}), next, state[0]) : next};
}

constexpr CellEquations kTanh = {.name = "RNN", .gates = 1, .states = 1, .step = rnn_step<tanh>};
constexpr CellEquations kRelu = {.name = "RNN", .gates = 1, .states = 1, .step = rnn_step<relu>};

const CellEquations& equations(Nonlinearity nonlinearity) {
  return nonlinearity == Nonlinearity::tanh ? kTanh : kRelu;
}

}  // namespace

RNNCell::RNNCell(std::int64_t input_size, std::int64_t hidden_size, Nonlinearity nonlinearity)
    : RecurrentCell(equations(nonlinearity), input_size, hidden_size) {}

Tensor RNNCell::forward(const Tensor& x, const Tensor& h, const Tensor& mask) const {
  return step(input_product(x), {h}, mask)[0];
}

RNN::RNN(std::int64_t input_size, std::int64_t hidden_size, std::int64_t num_layers,
         bool bidirectional, double dropout_p, Nonlinearity nonlinearity)
    : RecurrentNetwork(equations(nonlinearity), input_size, hidden_size, num_layers, bidirectional,
                       dropout_p) {}

RNNOutput RNN::forward(const Tensor& x, const Tensor& lengths, const Tensor& h0) const {
  const RecurrentOutput all = run(x, lengths, {h0});
  return {.output = all.output, .h_n = all.final[0]};
}

}  // namespace weft::nn
