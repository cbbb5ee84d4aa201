#include "autograd/anomaly.hpp"

#include <cmath>

#include <limits>
#include <thread>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "autograd/path.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Tensor leaf(const std::vector<double>& values) {
  return tensor(values, {static_cast<std::int64_t>(values.size())}).set_requires_grad();
}

TEST_CASE("the first infinity of a forward is named with op, place and ranges") {
  const AnomalyGuard guard;
  const Tensor x = leaf({4, 0, 2});
  const PathScope outer("encoder");
  const PathScope inner("rnn");
  const PathScope step(3);
  CHECK_THROWS_WITH(log(x),
                    "log in encoder.rnn, time step 3: made the first NaN or infinity; got output "
                    "0: [3] in [0.693147, 1.38629], 0 NaN, 1 inf; input 0: [3] in [0, 4], 0 NaN, "
                    "0 inf");
}

TEST_CASE("the first NaN of a forward is named, recorded or not") {
  const bool recorded = GENERATE(false, true);
  const AnomalyGuard guard;
  const GradModeGuard mode(recorded);
  const Tensor x = leaf({0, 1});
  CHECK_THROWS_WITH(x / x.detach(),
                    "div: made the first NaN or infinity; got output 0: [2] in [1, 1], 1 NaN, 0 "
                    "inf; input 0: [2] in [0, 1], 0 NaN, 0 inf; input 1: [2] in [0, 1], 0 NaN, 0 "
                    "inf");
}

TEST_CASE("a NaN from outside, or a parameter that is infinite, is named where it is used") {
  const AnomalyGuard guard;
  const Tensor x = leaf({1, 2});
  CHECK_THROWS_WITH(
      x * tensor<double>({kNaN, 1}, {2}),
      "mul: was given a NaN or infinity that no op made here; got input 0: [2] in [1, 2], "
      "0 NaN, 0 inf; input 1: [2] in [1, 1], 1 NaN, 0 inf");
  CHECK_THROWS_WITH(
      tanh(leaf({kInfinity, kInfinity})),
      "tanh: was given a NaN or infinity that no op made here; got input 0: [2] with no "
      "finite element, 0 NaN, 2 inf");
}

TEST_CASE("an op that looks at its result through a view is named itself") {
  const AnomalyGuard guard;
  const Tensor x = tensor<double>({1e200, 1e200}, {1, 2}).set_requires_grad();
  CHECK_THROWS_WITH(linear(x, full({1, 2}, 1e200, DType::float64)),
                    "linear: made the first NaN or infinity; got output 0: [1, 1] with no finite "
                    "element, 0 NaN, 1 inf; input 0: [1, 2] in [1e+200, 1e+200], 0 NaN, 0 inf; "
                    "input 1: [1, 2] in [1e+200, 1e+200], 0 NaN, 0 inf; input 2: none");
}

TEST_CASE("an infinity that was asked for is none") {
  const AnomalyGuard guard;
  const Tensor x = leaf({1, 2});
  const Tensor mask = bool_tensor({true, false}, {2});
  sum(softmax(masked_fill(x, mask, -kInfinity), 0)).backward();
  sum(softmax(x + tensor<double>({-kInfinity, 0}, {2}), 0)).backward();
  const Tensor nothing_left = masked_fill(x, bool_tensor({true, true}, {2}), -kInfinity);
  CHECK_THROWS_AS(softmax(nothing_left, 0), Error);  // the NaN that results from it is reported
}

TEST_CASE("the first NaN or infinity of a backward is named with the place of its forward") {
  const AnomalyGuard guard;
  const Tensor x = leaf({1e-200, 1});
  Tensor y;
  {
    const PathScope module("decoder");
    const PathScope step(7);
    y = log(x);
  }
  const PathScope elsewhere("trainer");
  CHECK_THROWS_WITH((y * 1e200).backward(ones({2}, DType::float64)),
                    "log backward in decoder, time step 7: made the first NaN or infinity; got "
                    "gradient of input 0: [2] in [1e+200, 1e+200], 0 NaN, 1 inf; gradient of "
                    "output 0: [2] in [1e+200, 1e+200], 0 NaN, 0 inf; input 0: [2] in [1e-200, 1], "
                    "0 NaN, 0 inf");
}

TEST_CASE("a gradient that nobody wants is not looked at") {
  const AnomalyGuard guard;
  const Op op = Op::unchecked("careless", "returns a NaN that nobody wants");
  const Tensor x = leaf({1});
  const Tensor constant = ones({1}, DType::float64);
  const Tensor y =
      record(op, {x, constant}, x.detach().clone(), [](const Backward& backward) -> Gradients {
        return {backward.grad(), full({1}, kNaN, DType::float64)};
      });
  y.backward();
  CHECK(x.grad().item() == 1);
}

TEST_CASE("what a cotangent, a hook or a sum makes infinite is told from an op's fault") {
  const AnomalyGuard guard;
  const Tensor x = leaf({1, 2});
  CHECK_THROWS_WITH((x * 2.0).backward(tensor<double>({kNaN, 1}, {2})),
                    "backward: the gradient of output 0 of 'mul' is not finite; got [2] in [1, 1], "
                    "1 NaN, 0 inf; hint: a cotangent, a hook or the sum of several gradients made "
                    "it so");
  const Tensor large = full({2}, 1e308, DType::float64);
  CHECK_THROWS_WITH(backward({x * 1.0, x * 1.0}, {large, large}),
                    "backward: the gradient of a leaf is not finite; got [2] with no finite "
                    "element, 0 NaN, 2 inf; hint: a cotangent, a hook or the sum of several "
                    "gradients made it so");
}

TEST_CASE("a second derivative remembers the place of the first forward") {
  const AnomalyGuard guard;
  const Tensor x = leaf({1e-120});
  Tensor y;
  {
    const PathScope module("head");
    y = log(x);
  }
  const Tensor first = grad({y}, {x}, {ones({1}, DType::float64)}, {.create_graph = true})[0];
  const auto second = [&] { first.backward(full({1}, 1e100, DType::float64)); };
  CHECK_THROWS_WITH(
      second(),
      "div backward in head: made the first NaN or infinity; got gradient of input 1: [1] with no "
      "finite element, 0 NaN, 1 inf; gradient of output 0: [1] in [1e+100, 1e+100], 0 NaN, 0 inf; "
      "input 0: [1] in [1, 1], 0 NaN, 0 inf; input 1: [1] in [1e-120, 1e-120], 0 NaN, 0 inf");
}

TEST_CASE("anomaly mode is a scope's and a thread's own, and changes no result") {
  CHECK_FALSE(anomaly_enabled());
  const Tensor x = leaf({0.3, 2});
  (exp(x) * x).backward(ones({2}, DType::float64));
  const Tensor plain = x.grad().clone();
  {
    const AnomalyGuard guard;
    bool enabled = true;
    std::thread([&] { enabled = anomaly_enabled(); }).join();
    CHECK_FALSE(enabled);
    {
      const AnomalyGuard off(false);
      log(leaf({0}));
    }
    Tensor again = x.detach().set_requires_grad();
    (exp(again) * again).backward(ones({2}, DType::float64));
    CHECK(identical(again.grad(), plain));
  }
  CHECK_FALSE(anomaly_enabled());
  log(leaf({0}));
}

TEST_CASE("places nest and end") {
  CHECK(to_string(current_place()).empty());
  {
    const PathScope a("a");
    const PathScope nothing("");
    CHECK(to_string(current_place()) == " in a");
    const PathScope first(1);
    const PathScope b("b");
    const PathScope second(2);
    CHECK(to_string(current_place()) == " in a.b, time step 2");
    const Place place{"c", std::nullopt};
    const PathScope instead(place);
    CHECK(to_string(current_place()) == " in c");
  }
  const PathScope step(4);
  CHECK(to_string(current_place()) == " at time step 4");
}

TEST_CASE("a loss that is made of ops is named, not its parts") {
  const AnomalyGuard guard;
  const Tensor x = tensor<float>({1e30F, 1}, {2}).set_requires_grad();
  CHECK_THROWS_WITH(mse_loss(x, zeros({2}), Reduction::sum),
                    Catch::StartsWith("mse_loss: made the first NaN or infinity"));
  const Tensor p = tensor<float>({0, 1}, {2});
  CHECK(kl_div(log(tensor<float>({0.5, 0.5}, {2})), p, Reduction::sum).item() ==
        Approx(std::log(2.0)));
}

}  // namespace
}  // namespace weft
