#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

constexpr std::int64_t kClasses = 5000;  // of which up to 240 rows are computed at a time
constexpr std::int64_t kRows = 1900;

struct Layer {
  Tensor x, weight, bias, targets;
};

Layer make_layer() {
  Generator generator(1);
  Layer layer{.x = randn({kRows, 6}, generator).set_requires_grad(),
              .weight = randn({kClasses, 6}, generator).set_requires_grad(),
              .bias = randn({kClasses}, generator).set_requires_grad(),
              .targets = empty({kRows}, DType::int64)};
  std::int64_t row = 0;
  for (std::int64_t& id : layer.targets.mutable_data<std::int64_t>()) {
    id = row % 7 == 0 ? -100 : row * 31 % kClasses;
    ++row;
  }
  return layer;
}

void check_close(const Tensor& got, const Tensor& expected) {
  const Tensor error = got - expected;
  CHECK(sum(error * error).item() <= 1e-9 * sum(expected * expected).item());
}

TEST_CASE("a loss in parts is the loss of all logits, and so are its gradients") {
  const Layer layer = make_layer();
  const double smoothing = GENERATE(0.0, 0.1);
  const Tensor parts = linear_cross_entropy(layer.x, layer.weight, layer.bias, layer.targets, -100,
                                            Reduction::mean, smoothing);
  const Tensor whole = cross_entropy(linear(layer.x, layer.weight, layer.bias), layer.targets, -100,
                                     Reduction::mean, smoothing);
  CHECK(parts.item() == Approx(whole.item()));
  const std::vector<Tensor> wanted = {layer.x, layer.weight, layer.bias};
  const std::vector<Tensor> got = grad({3.0 * parts}, wanted);
  const std::vector<Tensor> expected = grad({3.0 * whole}, wanted);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    check_close(got[i], expected[i]);
  }
}

/// Compares loss and gradients with those of all logits.
void check_whole(const Layer& layer) {
  const Tensor parts = linear_cross_entropy(layer.x, layer.weight, layer.bias, layer.targets);
  const Tensor whole = cross_entropy(linear(layer.x, layer.weight, layer.bias), layer.targets);
  CHECK(parts.item() == Approx(whole.item()));
  const std::vector<Tensor> wanted = {layer.x, layer.weight, layer.bias};
  const std::vector<Tensor> got = grad({parts}, wanted);
  const std::vector<Tensor> expected = grad({whole}, wanted);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    check_close(got[i], expected[i]);
  }
}

TEST_CASE("a loss where some logits are far below all others, or -inf") {
  Layer layer = make_layer();
  const double low = GENERATE(-50.0, -1e4, -1e38, -std::numeric_limits<double>::infinity());
  layer.bias = layer.bias.detach().clone();
  const std::span<float> bias = layer.bias.mutable_data<float>();
  std::fill(bias.begin() + 100, bias.begin() + 1900, static_cast<float>(low));
  layer.bias.set_requires_grad();
  for (std::int64_t& id : layer.targets.mutable_data<std::int64_t>()) {
    id = id >= 100 && id < 1900 ? 7 : id;
  }
  check_whole(layer);
}

TEST_CASE("a loss of which some gradients are wanted") {
  const Layer all = make_layer();
  const std::vector<Tensor> leaves = {all.x, all.weight, all.bias};
  const std::vector<Tensor> expected =
      grad({linear_cross_entropy(all.x, all.weight, all.bias, all.targets)}, leaves);
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    std::vector<Tensor> inputs = {all.x.detach(), all.weight.detach(), all.bias.detach()};
    inputs[i] = inputs[i].clone().set_requires_grad();
    const Tensor loss = linear_cross_entropy(inputs[0], inputs[1], inputs[2], all.targets);
    CHECK(identical(grad({loss}, {inputs[i]})[0], expected[i]));
  }
}

TEST_CASE("a mean of logits that float cannot sum") {
  const Tensor loss =
      linear_cross_entropy(zeros({1, 1}), zeros({3, 1}), full({3}, 3e38),
                           tensor<std::int64_t>({1}, {1}), -100, Reduction::mean, 0.1);
  CHECK(loss.item() == Approx(std::log(3.0)));
}

TEST_CASE("a loss of more features than a block of depth has") {
  Generator generator(2);
  const Layer layer{.x = randn({50, 600}, generator).set_requires_grad(),
                    .weight = (0.1 * randn({700, 600}, generator)).detach().set_requires_grad(),
                    .bias = randn({700}, generator).set_requires_grad(),
                    .targets = arange(50)};
  check_whole(layer);
}

TEST_CASE("all logits never stand in memory") {
  const Layer layer = make_layer();
  const std::size_t before = memory_stats().live;
  reset_peak_memory();
  linear_cross_entropy(layer.x, layer.weight, layer.bias, layer.targets).backward();
  const std::size_t logits = static_cast<std::size_t>(kRows * kClasses) * sizeof(float);
  CHECK(memory_stats().peak - before < logits * 3 / 4);
}

TEST_CASE("a loss without a bias, or where no row counts") {
  const Layer layer = make_layer();
  CHECK(linear_cross_entropy(layer.x, layer.weight, {}, layer.targets).item() ==
        Approx(cross_entropy(linear(layer.x, layer.weight), layer.targets).item()));
  const Tensor ignored = full({kRows}, -100, DType::int64);
  const Tensor nothing = linear_cross_entropy(layer.x, layer.weight, layer.bias, ignored);
  CHECK(nothing.item() == 0);
  CHECK(sum(grad({nothing}, {layer.weight})[0]).item() == 0);
}

}  // namespace
}  // namespace weft
