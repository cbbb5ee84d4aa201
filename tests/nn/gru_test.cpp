#include "nn/gru.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"
#include "tests/fixtures/fixture.hpp"

namespace weft::nn {
namespace {

using weft::testing::check_close;
using weft::testing::Fixture;
using weft::testing::max_error;

/// Checks the gradients of a module's parameters against the fixture's.
void check_parameter_gradients(const Module& module, const Fixture& fixture) {
  for (const auto& [name, parameter] : module.named_parameters()) {
    check_close("gradient of " + name, parameter.grad(), fixture["grad." + name]);
  }
}

Tensor normal(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  return randn(shape, generator, DType::float64);
}

/// Row b of x [T, B, I], its first `length` steps: [length, 1, I].
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

TEST_CASE("GRU agrees with PyTorch") {
  struct Case {
    std::string name;
    std::int64_t layers;
    bool bidirectional;
  };
  const DType dtype = GENERATE(DType::float32, DType::float64);
  for (const auto& [name, layers, bidirectional] :
       {Case{"gru", 1, false}, {"gru_bidirectional", 1, true}, {"gru_two_layers", 2, true}}) {
    INFO(name << " " << weft::name(dtype));
    const Fixture fixture(name, dtype);
    GRU gru(3, 4, layers, bidirectional);
    gru.to(dtype);
    gru.load_state(fixture.like(gru.state()));
    const Tensor x = fixture.leaf("x");
    const Tensor h0 = fixture.leaf("h0");

    const auto [output, h_n] = gru.forward(x, fixture["lengths"], h0);
    check_close("output", output, fixture["output"]);
    check_close("h_n", h_n, fixture["h_n"]);
    backward({output, h_n}, {fixture["cotangent.output"], fixture["cotangent.h_n"]});
    check_close("gradient of x", x.grad(), fixture["grad.x"]);
    check_close("gradient of h0", h0.grad(), fixture["grad.h0"]);
    check_parameter_gradients(gru, fixture);
  }
}

TEST_CASE("GRUCell agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  const Fixture fixture("gru_cell", dtype);
  GRUCell cell(3, 4);
  cell.to(dtype);
  cell.load_state(fixture.like(cell.state()));
  const Tensor x = fixture.leaf("x");
  const Tensor h = fixture.leaf("h");
  const Tensor output = cell.forward(x, h);
  check_close("output", output, fixture["output"]);
  output.backward(fixture["cotangent.output"]);
  check_close("gradient of x", x.grad(), fixture["grad.x"]);
  check_close("gradient of h", h.grad(), fixture["grad.h"]);
  check_parameter_gradients(cell, fixture);
}

TEST_CASE("GRU steps are GRUCell steps") {
  GRU gru(3, 4);
  gru.to(DType::float64);
  GRUCell cell(3, 4);
  cell.to(DType::float64);
  NamedTensors state = cell.state();
  for (std::size_t i = 0; i < state.size(); ++i) {
    state[i].second = gru.state()[i].second;
  }
  cell.load_state(state);

  const Tensor x = normal({3, 2, 3}, 1);
  Tensor h = zeros({2, 4}, DType::float64);
  const Tensor output = gru.forward(x).output;
  for (std::int64_t t = 0; t < 3; ++t) {
    h = cell.forward(reshape(narrow(x, 0, t, 1), {2, 3}), h);
    CHECK(max_error(h, reshape(narrow(output, 0, t, 1), {2, 4})) < 1e-14);
  }
}

TEST_CASE("GRUCell keeps rows that the mask leaves out") {
  const GRUCell cell(3, 4);
  const Tensor h = ones({2, 4});
  const Tensor next = cell.forward(ones({2, 3}), h, bool_tensor({true, false}, {2}));
  CHECK(identical(narrow(next, 0, 1, 1), ones({1, 4})));
  CHECK_FALSE(identical(narrow(next, 0, 0, 1), ones({1, 4})));
}

TEST_CASE("a padded row gives what it gives alone") {
  GRU gru(3, 4, 2, true);
  gru.to(DType::float64);
  const Tensor x = normal({5, 3, 3}, 2);
  const std::vector<std::int64_t> lengths = {2, 5, 1};
  const auto [output, h_n] = gru.forward(x, tensor(lengths, {3}));
  for (std::int64_t b = 0; b < 3; ++b) {
    const std::int64_t length = lengths[static_cast<std::size_t>(b)];
    const auto [alone, h_alone] = gru.forward(row_alone(x, b, length));
    CHECK(max_error(row_alone(output, b, length), alone) < 1e-14);
    CHECK(max_error(narrow(h_n, 1, b, 1), h_alone) < 1e-14);
    const std::int64_t rest = 5 - length;
    CHECK(identical(narrow(narrow(output, 1, b, 1), 0, length, rest),
                    zeros({rest, 1, 8}, DType::float64)));
  }
}

TEST_CASE("GRU: the content of padding changes no bit and has no gradient") {
  manual_seed(1);
  GRU gru(3, 4, 2, true);
  const Tensor lengths = tensor<std::int64_t>({4, 2, 1}, {3});
  Generator generator(3);
  const Tensor content = randn({4, 3, 3}, generator);
  const Tensor output_cotangent = randn({4, 3, 8}, generator);
  const Tensor h_n_cotangent = randn({4, 3, 4}, generator);

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
    gru.zero_grad();
    const auto [output, h_n] = gru.forward(x, lengths);
    backward({output, h_n}, {output_cotangent, h_n_cotangent});
    CHECK(identical(narrow(narrow(x.grad(), 1, 1, 1), 0, 2, 2), zeros({2, 1, 3})));
    CHECK(identical(narrow(narrow(x.grad(), 1, 2, 1), 0, 1, 3), zeros({3, 1, 3})));
    runs.push_back({output, h_n, x.grad()});
    for (const Tensor& parameter : gru.parameters()) {
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
  const GRU gru(3, 4, 1, true);
  const Tensor x = normal({3, 2, 3}, 4).to(DType::float32);
  const GRUOutput masked = gru.forward(x, tensor<std::int64_t>({3, 3}, {2}));
  const GRUOutput plain = gru.forward(x);
  CHECK(identical(masked.output, plain.output));
  CHECK(identical(masked.h_n, plain.h_n));
}

TEST_CASE("dropout stands between layers, in training alone") {
  const Tensor x = ones({2, 1, 3});
  GRU one(3, 4, 1, false, 0.5);
  CHECK(identical(one.forward(x).output, one.forward(x).output));
  GRU two(3, 4, 2, false, 0.5);
  CHECK_FALSE(identical(two.forward(x).output, two.forward(x).output));
  two.eval();
  CHECK(identical(two.forward(x).output, two.forward(x).output));
}

TEST_CASE("GRU names its parameters as PyTorch does") {
  const GRU gru(3, 4, 2, true);
  const NamedTensors named = gru.named_parameters();
  REQUIRE(named.size() == 16);
  CHECK(named[0].first == "weight_ih_l0");
  CHECK(named[7].first == "bias_hh_l0_reverse");
  CHECK(named[8].first == "weight_ih_l1");
  CHECK(named[8].second.shape() == Shape{12, 8});
  CHECK(named[15].second.is_same(gru.weights[3].bias_hh));
  for (const auto& [name, parameter] : named) {
    CHECK(std::ranges::all_of(parameter.data<float>(),
                              [](float value) { return std::abs(value) <= 0.5F; }));
  }
}

TEST_CASE("GRU refuses what does not fit") {
  const GRU gru(3, 4, 1, true);
  CHECK_THROWS_WITH(gru.forward(zeros({2, 3})),
                    "GRU: wrong shape of input; got [2, 3]; expected [T, B, 3] with T >= 1");
  CHECK_THROWS_WITH(gru.forward(zeros({0, 2, 3})),
                    "GRU: wrong shape of input; got [0, 2, 3]; expected [T, B, 3] with T >= 1");
  CHECK_THROWS_WITH(gru.forward(zeros({2, 2, 3}), tensor<std::int64_t>({1}, {1})),
                    "GRU: wrong shape of lengths; got [1]; expected [2]");
  CHECK_THROWS_WITH(gru.forward(zeros({2, 2, 3}), tensor<std::int64_t>({1, 3}, {2})),
                    "lengths: row 1 out of range; got 3; expected 1 <= length <= 2");
  CHECK_THROWS_WITH(gru.forward(zeros({2, 2, 3}), {}, zeros({1, 2, 4})),
                    "GRU: wrong shape of h0; got [1, 2, 4]; expected [2, 2, 4]");
  CHECK_THROWS_WITH(GRU(3, 4, 0), "GRU: num_layers out of range; got 0; expected at least 1");
  CHECK_THROWS_AS(GRU(3, 0), Error);
}

}  // namespace
}  // namespace weft::nn
