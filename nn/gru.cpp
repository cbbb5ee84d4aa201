#include "nn/gru.hpp"

#include <cmath>

#include "autograd/ops.hpp"
#include "nn/init.hpp"
#include "nn/mask.hpp"

// The gated recurrent unit (Cho et al. 2014, arXiv:1406.1078, eqs. 5-8), in PyTorch's form:
//
//     r  = sigmoid(W_ir x + b_ir + W_hr h + b_hr)           reset gate
//     z  = sigmoid(W_iz x + b_iz + W_hz h + b_hz)           update gate
//     n  = tanh(W_in x + b_in + r * (W_hn h + b_hn))        candidate
//     h' = (1 - z) * n + z * h
//
// The paper has W_hn (r * h), with r before the product; here r comes after it, so that the three
// products of h are one. weight_ih holds W_ir, W_iz, W_in one below the other, weight_hh likewise.
// Then gi = x W_ih^T + b_ih and gh = h W_hh^T + b_hh, and the op gru_cell does the rest.

namespace weft::nn {
namespace {

void init_uniform(const Module& module, std::int64_t hidden_size) {
  const double bound = 1 / std::sqrt(static_cast<double>(hidden_size));
  for (const Tensor& tensor : module.parameters()) {
    init::uniform_(tensor, -bound, bound);
  }
}

/// Where a batch has padding; nothing is set if it has none.
struct Padding {
  /// x [T, B, ...], zero at padding.
  Tensor cleared(const Tensor& x) const { return mask.defined() ? masked_fill(x, mask, 0) : x; }

  std::vector<Tensor> real;  // T times [B], the rows that have an element at the step
  Tensor mask;               // [T, B, 1]
};

Padding find_padding(const Tensor& x, const Tensor& lengths) {
  if (!lengths.defined()) {
    return {};
  }
  const std::int64_t T = x.size(0);
  const std::int64_t B = x.size(1);
  if (lengths.shape() != Shape{B}) {
    fail("GRU: wrong shape of lengths; got {}; expected [{}]", lengths.shape(), B);
  }
  return {.real = unbind(sequence_mask(lengths, T)),
          .mask = reshape(padding_mask(lengths, T), {T, B, 1})};
}

/// The states of one direction of one layer, [T, B, H], and the final one, [B, H].
std::pair<Tensor, Tensor> run(const GRUWeights& w, const Tensor& x, Tensor h,
                              const Padding& padding, bool reverse) {
  const std::vector<Tensor> gi = unbind(linear(x, w.weight_ih, w.bias_ih));  // T times [B, 3H]
  const std::size_t T = gi.size();
  std::vector<Tensor> states(T);
  for (std::size_t i = 0; i < T; ++i) {
    const std::size_t t = reverse ? T - 1 - i : i;
    const PathScope step(static_cast<std::int64_t>(t));
    const Tensor gh = linear(h, w.weight_hh, w.bias_hh);  // [B, 3H]
    h = gru_cell(gi[t], gh, h, padding.real.empty() ? Tensor() : padding.real[t]);
    states[t] = h;
  }
  return {stack(states), h};
}

}  // namespace

GRUCell::GRUCell(std::int64_t input_size, std::int64_t hidden_size)
    : weight_ih(parameter("weight_ih", {3 * hidden_size, input_size})),
      weight_hh(parameter("weight_hh", {3 * hidden_size, hidden_size})),
      bias_ih(parameter("bias_ih", {3 * hidden_size})),
      bias_hh(parameter("bias_hh", {3 * hidden_size})) {
  init_uniform(*this, hidden_size);
}

Tensor GRUCell::forward(const Tensor& x, const Tensor& h, const Tensor& mask) const {
  const Forward call(*this);
  return call.output(
      gru_cell(linear(x, weight_ih, bias_ih), linear(h, weight_hh, bias_hh), h, mask));
}

GRU::GRU(std::int64_t input_size, std::int64_t hidden_size, std::int64_t num_layers,
         bool bidirectional, double dropout_p)
    : dropout(dropout_p),
      input_size_(input_size),
      hidden_size_(hidden_size),
      num_layers_(num_layers),
      num_directions_(bidirectional ? 2 : 1) {
  if (num_layers < 1) {
    fail("GRU: num_layers out of range; got {}; expected at least 1", num_layers);
  }
  child("dropout", dropout);
  const std::int64_t gates = 3 * hidden_size;
  for (std::int64_t layer = 0; layer < num_layers; ++layer) {
    const std::int64_t inputs = layer == 0 ? input_size : num_directions_ * hidden_size;
    for (std::int64_t direction = 0; direction < num_directions_; ++direction) {
      const std::string suffix = fmt::format("_l{}{}", layer, direction == 1 ? "_reverse" : "");
      weights.push_back({.weight_ih = parameter("weight_ih" + suffix, {gates, inputs}),
                         .weight_hh = parameter("weight_hh" + suffix, {gates, hidden_size}),
                         .bias_ih = parameter("bias_ih" + suffix, {gates}),
                         .bias_hh = parameter("bias_hh" + suffix, {gates})});
    }
  }
  init_uniform(*this, hidden_size);
}

std::vector<Tensor> GRU::initial_states(const Tensor& x, const Tensor& h0) const {
  const Shape expected = {num_layers_ * num_directions_, x.size(1), hidden_size_};
  if (h0.defined() && h0.shape() != expected) {
    fail("GRU: wrong shape of h0; got {}; expected {}", h0.shape(), expected);
  }
  return unbind(h0.defined() ? h0 : zeros(expected, x.dtype()));  // L*D times [B, H]
}

GRUOutput GRU::forward(const Tensor& x, const Tensor& lengths, const Tensor& h0) const {
  const Forward call(*this);
  if (x.dim() != 3 || x.size(0) == 0 || x.size(2) != input_size_) {
    fail("GRU: wrong shape of input; got {}; expected [T, B, {}] with T >= 1", x.shape(),
         input_size_);
  }
  std::vector<Tensor> h = initial_states(x, h0);
  const Padding padding = find_padding(x, lengths);
  // Even a NaN in the padding must not reach the gradient of weight_ih, a sum over all steps.
  Tensor output = padding.cleared(x);
  for (std::size_t layer = 0, i = 0; i < weights.size(); ++layer) {
    if (layer > 0) {
      output = dropout.forward(output);
    }
    std::vector<Tensor> directions;
    for (std::int64_t direction = 0; direction < num_directions_; ++direction, ++i) {
      auto [states, last] = run(weights[i], output, h[i], padding, direction == 1);
      directions.push_back(states);
      h[i] = last;
    }
    output = padding.cleared(num_directions_ == 2 ? cat(directions, 2) : directions[0]);
  }
  const std::vector<Tensor> outputs = call.outputs({output, stack(h)});
  return {.output = outputs[0], .h_n = outputs[1]};
}

}  // namespace weft::nn
