#include "nn/recurrent.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "autograd/ops.hpp"
#include "nn/init.hpp"
#include "nn/mask.hpp"

namespace weft::nn {
namespace {

constexpr std::array<std::string_view, 2> kInitialNames = {"h0", "c0"};

void init_uniform(const std::vector<Tensor>& parameters, std::int64_t hidden_size) {
  const double bound = 1 / std::sqrt(static_cast<double>(hidden_size));
  for (const Tensor& tensor : parameters) {
    init::uniform_(tensor, -bound, bound);
  }
}

/// This limit leaves room for factors such as gates and directions.
constexpr std::int64_t kMaxSize = std::numeric_limits<std::int64_t>::max() / 16;

/// G*H, the number of rows of every weight. Throws Error on sizes out of range.
std::int64_t gate_rows(const CellEquations& equations, std::int64_t input_size,
                       std::int64_t hidden_size) {
  const auto check = [&](std::string_view what, std::int64_t size) {
    if (size < 1 || size > kMaxSize) {
      fail("{}: {} out of range; got {}; expected [1, {}]", equations.name, what, size, kMaxSize);
    }
  };
  check("input_size", input_size);
  check("hidden_size", hidden_size);
  return equations.gates * hidden_size;
}

}  // namespace

RecurrentCell::RecurrentCell(const CellEquations& equations, std::int64_t input_size,
                             std::int64_t hidden_size)
    : weight_ih(
          parameter("weight_ih", {gate_rows(equations, input_size, hidden_size), input_size})),
      weight_hh(parameter("weight_hh", {weight_ih.size(0), hidden_size})),
      bias_ih(parameter("bias_ih", {weight_ih.size(0)})),
      bias_hh(parameter("bias_hh", {weight_ih.size(0)})),
      equations_(equations) {
  init_uniform({weight_ih, weight_hh, bias_ih, bias_hh}, hidden_size);
}

Tensor RecurrentCell::input_product(const Tensor& x) const {
  const Forward call(*this);  // for messages: only `step` has a result for the hooks
  return linear(x, weight_ih, bias_ih);
}

RecurrentState RecurrentCell::step(const Tensor& gi, const RecurrentState& state,
                                   const Tensor& mask) const {
  const Forward call(*this);
  if (std::ssize(state) != equations_.states) {
    fail("{}Cell: wrong number of tensors in a state; got {}; expected {}", equations_.name,
         state.size(), equations_.states);
  }
  return call.outputs(equations_.step(gi, linear(state[0], weight_hh, bias_hh), state, mask));
}

/// The padding of a batch; both are unset if there is none.
struct RecurrentNetwork::Padding {
  /// x [T, B, ...], zero at padding.
  Tensor cleared(const Tensor& x) const { return mask.defined() ? masked_fill(x, mask, 0) : x; }

  std::vector<Tensor> real;  // T times [B], the rows with an element at this step
  Tensor mask;               // [T, B, 1]
};

RecurrentNetwork::RecurrentNetwork(const CellEquations& equations, std::int64_t input_size,
                                   std::int64_t hidden_size, std::int64_t num_layers,
                                   bool bidirectional, double dropout_p)
    : dropout(dropout_p),
      equations_(equations),
      input_size_(input_size),
      hidden_size_(hidden_size),
      num_layers_(num_layers),
      num_directions_(bidirectional ? 2 : 1) {
  if (num_layers < 1) {
    fail("{}: num_layers out of range; got {}; expected at least 1", equations.name, num_layers);
  }
  child("dropout", dropout);
  const std::int64_t rows = gate_rows(equations, input_size, hidden_size);
  for (std::int64_t layer = 0; layer < num_layers; ++layer) {
    const std::int64_t inputs = layer == 0 ? input_size : num_directions_ * hidden_size;
    for (std::int64_t direction = 0; direction < num_directions_; ++direction) {
      const std::string suffix = fmt::format("_l{}{}", layer, direction == 1 ? "_reverse" : "");
      weights.push_back({.weight_ih = parameter("weight_ih" + suffix, {rows, inputs}),
                         .weight_hh = parameter("weight_hh" + suffix, {rows, hidden_size}),
                         .bias_ih = parameter("bias_ih" + suffix, {rows}),
                         .bias_hh = parameter("bias_hh" + suffix, {rows})});
      const auto& [weight_ih, weight_hh, bias_ih, bias_hh] = weights.back();
      init_uniform({weight_ih, weight_hh, bias_ih, bias_hh}, hidden_size);
    }
  }
}

RecurrentNetwork::Padding RecurrentNetwork::find_padding(const Tensor& x,
                                                         const Tensor& lengths) const {
  if (!lengths.defined()) {
    return {};
  }
  const std::int64_t T = x.size(0);
  const std::int64_t B = x.size(1);
  if (lengths.shape() != Shape{B}) {
    fail("{}: wrong shape of lengths; got {}; expected [{}]", equations_.name, lengths.shape(), B);
  }
  return {.real = unbind(sequence_mask(lengths, T)),
          .mask = reshape(padding_mask(lengths, T), {T, B, 1})};
}

/// The initial state of each direction of each layer.
std::vector<RecurrentState> RecurrentNetwork::initial_states(const Tensor& x,
                                                             const RecurrentState& initial) const {
  if (std::ssize(initial) > equations_.states) {
    fail("{}: wrong number of tensors in a state; got {}; expected at most {}", equations_.name,
         initial.size(), equations_.states);
  }
  const Shape expected = {num_layers_ * num_directions_, x.size(1), hidden_size_};
  std::vector<RecurrentState> states(weights.size());
  for (std::size_t s = 0; s < static_cast<std::size_t>(equations_.states); ++s) {
    const Tensor given = s < initial.size() ? initial[s] : Tensor();
    if (given.defined() && given.shape() != expected) {
      fail("{}: wrong shape of {}; got {}; expected {}", equations_.name, kInitialNames.at(s),
           given.shape(), expected);
    }
    const std::vector<Tensor> all =  // layers*D of [B, H]
        unbind(given.defined() ? given : zeros(expected, x.dtype()));
    for (std::size_t i = 0; i < all.size(); ++i) {
      states[i].push_back(all[i]);
    }
  }
  return states;
}

/// All h of one direction of one layer, [T, B, H]; `state` is updated from the first to the last
/// state.
Tensor RecurrentNetwork::run_direction(std::size_t i, const Tensor& x, RecurrentState& state,
                                       const Padding& padding) const {
  const RecurrentWeights& w = weights[i];
  const bool reverse = num_directions_ == 2 ? i % 2 == 1 : reversed;
  const std::vector<Tensor> gi = unbind(linear(x, w.weight_ih, w.bias_ih));  // T times [B, G*H]
  const std::size_t T = gi.size();
  std::vector<Tensor> outputs(T);
  for (std::size_t step = 0; step < T; ++step) {
    const std::size_t t = reverse ? T - 1 - step : step;
    const PathScope place(static_cast<std::int64_t>(t));
    const Tensor gh = linear(state[0], w.weight_hh, w.bias_hh);  // [B, G*H]
    state = equations_.step(gi[t], gh, state, padding.real.empty() ? Tensor() : padding.real[t]);
    outputs[t] = state[0];
  }
  return stack(outputs);
}

RecurrentOutput RecurrentNetwork::run(const Tensor& x, const Tensor& lengths,
                                      const RecurrentState& initial) const {
  const Forward call(*this);
  RecurrentOutput result = run_layers(x, lengths, initial);
  std::vector<Tensor> outputs = {result.output};
  outputs.insert(outputs.end(), result.final.begin(), result.final.end());
  outputs = call.outputs(std::move(outputs));
  return {.output = outputs[0], .final = {outputs.begin() + 1, outputs.end()}};
}

RecurrentOutput RecurrentNetwork::run_layers(const Tensor& x, const Tensor& lengths,
                                             const RecurrentState& initial) const {
  if (x.dim() != 3 || x.size(0) == 0 || x.size(2) != input_size_) {
    fail("{}: wrong shape of input; got {}; expected [T, B, {}] with T >= 1", equations_.name,
         x.shape(), input_size_);
  }
  std::vector<RecurrentState> states = initial_states(x, initial);
  const Padding padding = find_padding(x, lengths);
  // Even a NaN in the padding must not reach the gradient of weight_ih, a sum over all steps.
  Tensor output = padding.cleared(x);
  for (std::size_t i = 0; i < weights.size();) {
    if (i > 0) {
      output = dropout.forward(output);
    }
    const Tensor skipped = residual && i > 0 ? output : Tensor();
    std::vector<Tensor> directions;
    for (std::int64_t direction = 0; direction < num_directions_; ++direction, ++i) {
      directions.push_back(run_direction(i, output, states[i], padding));
    }
    output = padding.cleared(num_directions_ == 2 ? cat(directions, 2) : directions[0]);
    output = skipped.defined() ? output + skipped : output;
  }
  RecurrentState final;
  for (std::size_t s = 0; s < static_cast<std::size_t>(equations_.states); ++s) {
    std::vector<Tensor> last;
    last.reserve(states.size());
    for (const RecurrentState& state : states) {
      last.push_back(state[s]);
    }
    final.push_back(stack(last));
  }
  return {.output = output, .final = final};
}

}  // namespace weft::nn
