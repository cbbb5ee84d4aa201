#include "nn/recurrent.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "nn/gru.hpp"
#include "nn/lstm.hpp"
#include "nn/rnn.hpp"
#include "tests/catch.hpp"
#include "tests/fixtures/fixture.hpp"

namespace weft::nn {
namespace {

using weft::testing::max_error;

/// A network of the given kind with 3 inputs and 4 hidden units.
std::unique_ptr<RecurrentNetwork> network(const std::string& name, std::int64_t layers = 1,
                                          bool bidirectional = false, double dropout = 0) {
  if (name == "GRU") {
    return std::make_unique<GRU>(3, 4, layers, bidirectional, dropout);
  }
  if (name == "LSTM") {
    return std::make_unique<LSTM>(3, 4, layers, bidirectional, dropout);
  }
  return std::make_unique<RNN>(3, 4, layers, bidirectional, dropout);
}

std::unique_ptr<RecurrentCell> cell(const std::string& name) {
  if (name == "GRU") {
    return std::make_unique<GRUCell>(3, 4);
  }
  if (name == "LSTM") {
    return std::make_unique<LSTMCell>(3, 4);
  }
  return std::make_unique<RNNCell>(3, 4);
}

std::string each_kind() { return GENERATE(as<std::string>(), "GRU", "LSTM", "RNN"); }

std::size_t states(const std::string& name) { return name == "LSTM" ? 2 : 1; }

Tensor normal(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  return randn(shape, generator, DType::float64);
}

/// The first `length` steps of row b of x [T, B, I]: [length, 1, I].
Tensor row_alone(const Tensor& x, std::int64_t b, std::int64_t length) {
  return narrow(narrow(x, 0, 0, length), 1, b, 1);
}

TEST_CASE("parameters begin uniform in +-1/sqrt(H)") {
  const GRU gru(16, 64);
  const double bound = 1 / std::sqrt(64.0);
  for (const auto& [name, parameter] : gru.named_parameters()) {
    INFO(name);
    const auto [low, high] = std::ranges::minmax(parameter.data<float>());
    CHECK(low >= -bound);
    CHECK(low < -0.95 * bound);
    CHECK(high < bound);
    CHECK(high > 0.95 * bound);
  }
}

TEST_CASE("a network's steps are those of its cell") {
  const std::string name = each_kind();
  INFO(name);
  const auto net = network(name);
  const auto one = cell(name);
  net->to(DType::float64);
  one->to(DType::float64);
  NamedTensors parameters = one->state();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].second = net->state()[i].second;
  }
  one->load_state(parameters);

  const Tensor x = normal({3, 2, 3}, 1);
  RecurrentState state(states(name), zeros({2, 4}, DType::float64));
  const RecurrentOutput all = net->run(x);
  REQUIRE(all.final.size() == states(name));
  const std::vector<Tensor> products = unbind(one->input_product(x));
  for (std::int64_t t = 0; t < 3; ++t) {
    state = one->step(products[static_cast<std::size_t>(t)], state);
    CHECK(max_error(state[0], reshape(narrow(all.output, 0, t, 1), {2, 4})) < 1e-14);
  }
  for (std::size_t s = 0; s < state.size(); ++s) {
    CHECK(max_error(state[s], reshape(all.final[s], {2, 4})) < 1e-14);
  }
}

TEST_CASE("a cell keeps the state of rows that the mask leaves out") {
  const std::string name = each_kind();
  INFO(name);
  const auto one = cell(name);
  const RecurrentState state(states(name), ones({2, 4}));
  const RecurrentState next =
      one->step(one->input_product(ones({2, 3})), state, bool_tensor({true, false}, {2}));
  for (const Tensor& part : next) {
    CHECK(identical(narrow(part, 0, 1, 1), ones({1, 4})));
    CHECK_FALSE(identical(narrow(part, 0, 0, 1), ones({1, 4})));
  }
  CHECK_THROWS_WITH(one->step(one->input_product(ones({2, 3})), {}),
                    fmt::format("{}Cell: wrong number of tensors in a state; got 0; expected {}",
                                name, states(name)));
}

TEST_CASE("a padded row gives what it gives alone") {
  const std::string name = each_kind();
  INFO(name);
  const auto net = network(name, 2, true);
  net->to(DType::float64);
  const Tensor x = normal({5, 3, 3}, 2);
  const std::vector<std::int64_t> lengths = {2, 5, 1};
  const RecurrentOutput all = net->run(x, tensor(lengths, {3}));
  for (std::int64_t b = 0; b < 3; ++b) {
    const std::int64_t length = lengths[static_cast<std::size_t>(b)];
    const RecurrentOutput alone = net->run(row_alone(x, b, length));
    CHECK(max_error(row_alone(all.output, b, length), alone.output) < 1e-14);
    for (std::size_t s = 0; s < all.final.size(); ++s) {
      CHECK(max_error(narrow(all.final[s], 1, b, 1), alone.final[s]) < 1e-14);
    }
    const std::int64_t rest = 5 - length;
    CHECK(identical(narrow(narrow(all.output, 1, b, 1), 0, length, rest),
                    zeros({rest, 1, 8}, DType::float64)));
  }
}

TEST_CASE("the content of padding changes no bit and has no gradient") {
  const std::string name = each_kind();
  INFO(name);
  manual_seed(1);
  const auto net = network(name, 2, true);
  const Tensor lengths = tensor<std::int64_t>({4, 2, 1}, {3});
  Generator generator(3);
  const Tensor content = randn({4, 3, 3}, generator);
  std::vector<Tensor> cotangents = {randn({4, 3, 8}, generator)};
  for (std::size_t s = 0; s < states(name); ++s) {
    cotangents.push_back(randn({4, 3, 4}, generator));
  }

  std::vector<std::vector<Tensor>> runs;
  for (const float padding : {0.0F, -7.5F, 1e30F, INFINITY, NAN}) {
    Tensor x = content.clone();
    const std::span<float> elements = x.mutable_data<float>();
    for (std::size_t t = 0; t < 4; ++t) {
      for (std::size_t b = 0; b < 3; ++b) {
        if (static_cast<std::int64_t>(t) >= lengths.data<std::int64_t>()[b]) {
          std::ranges::fill(elements.subspan((t * 3 + b) * 3, 3), padding);
        }
      }
    }
    x.set_requires_grad();
    net->zero_grad();
    const RecurrentOutput all = net->run(x, lengths);
    std::vector<Tensor> outputs = {all.output};
    outputs.insert(outputs.end(), all.final.begin(), all.final.end());
    backward(outputs, cotangents);
    CHECK(identical(narrow(narrow(x.grad(), 1, 1, 1), 0, 2, 2), zeros({2, 1, 3})));
    CHECK(identical(narrow(narrow(x.grad(), 1, 2, 1), 0, 1, 3), zeros({3, 1, 3})));
    runs.push_back(outputs);
    runs.back().push_back(x.grad());
    for (const Tensor& parameter : net->parameters()) {
      runs.back().push_back(parameter.grad());
    }
  }
  for (const std::vector<Tensor>& run : runs) {
    for (std::size_t i = 0; i < run.size(); ++i) {
      CHECK(identical(run[i], runs[0][i]));
    }
  }
}

TEST_CASE("full lengths are no lengths") {
  const std::string name = each_kind();
  INFO(name);
  const auto net = network(name, 1, true);
  const Tensor x = normal({3, 2, 3}, 4).to(DType::float32);
  const RecurrentOutput masked = net->run(x, tensor<std::int64_t>({3, 3}, {2}));
  const RecurrentOutput plain = net->run(x);
  CHECK(identical(masked.output, plain.output));
  for (std::size_t s = 0; s < plain.final.size(); ++s) {
    CHECK(identical(masked.final[s], plain.final[s]));
  }
}

TEST_CASE("dropout stands between layers, in training alone") {
  const std::string name = each_kind();
  INFO(name);
  const Tensor x = ones({2, 1, 3});
  const auto one = network(name, 1, false, 0.5);
  CHECK(identical(one->run(x).output, one->run(x).output));
  const auto two = network(name, 2, false, 0.5);
  CHECK_FALSE(identical(two->run(x).output, two->run(x).output));
  two->eval();
  CHECK(identical(two->run(x).output, two->run(x).output));
}

TEST_CASE("parameters have PyTorch's names and shapes") {
  const std::string name = each_kind();
  INFO(name);
  const std::int64_t gates = name == "GRU" ? 3 : name == "LSTM" ? 4 : 1;
  const auto net = network(name, 2, true);
  const NamedTensors named = net->named_parameters();
  REQUIRE(named.size() == 16);
  CHECK(named[0].first == "weight_ih_l0");
  CHECK(named[7].first == "bias_hh_l0_reverse");
  CHECK(named[8].first == "weight_ih_l1");
  CHECK(named[8].second.shape() == Shape{gates * 4, 8});
  CHECK(named[15].second.is_same(net->weights[3].bias_hh));
  CHECK(net->input_size() == 3);
  CHECK(net->hidden_size() == 4);
  CHECK(net->num_layers() == 2);
  CHECK(net->num_directions() == 2);
}

TEST_CASE("a network refuses what does not fit") {
  const std::string name = each_kind();
  const auto says = [&](const std::string& message) { return name + ": " + message; };
  const auto net = network(name, 1, true);
  CHECK_THROWS_WITH(net->run(zeros({2, 3})),
                    says("wrong shape of input; got [2, 3]; expected [T, B, 3] with T >= 1"));
  CHECK_THROWS_WITH(net->run(zeros({0, 2, 3})),
                    says("wrong shape of input; got [0, 2, 3]; expected [T, B, 3] with T >= 1"));
  CHECK_THROWS_WITH(net->run(zeros({2, 2, 3}), tensor<std::int64_t>({1}, {1})),
                    says("wrong shape of lengths; got [1]; expected [2]"));
  CHECK_THROWS_WITH(net->run(zeros({2, 2, 3}), tensor<std::int64_t>({1, 3}, {2})),
                    "lengths: row 1 out of range; got 3; expected 1 <= length <= 2");
  CHECK_THROWS_WITH(net->run(zeros({2, 2, 3}), {}, {zeros({1, 2, 4})}),
                    says("wrong shape of h0; got [1, 2, 4]; expected [2, 2, 4]"));
  CHECK_THROWS_WITH(net->run(zeros({2, 2, 3}), {}, {{}, {}, {}}),
                    says(fmt::format("wrong number of tensors in a state; got 3; expected at most "
                                     "{}",
                                     states(name))));
  CHECK_THROWS_WITH(network(name, 0), says("num_layers out of range; got 0; expected at least 1"));
  // Also sizes whose product with the number of gates would overflow.
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max() / 2;
  CHECK_THROWS_WITH(GRU(3, 0), Catch::StartsWith("GRU: hidden_size out of range; got 0; expected"));
  CHECK_THROWS_WITH(LSTM(0, 3),
                    Catch::StartsWith("LSTM: input_size out of range; got 0; expected"));
  CHECK_THROWS_WITH(LSTM(2, huge), Catch::StartsWith("LSTM: hidden_size out of range; got 46"));
  CHECK_THROWS_WITH(GRUCell(2, huge), Catch::StartsWith("GRU: hidden_size out of range; got 46"));
}

}  // namespace
}  // namespace weft::nn
