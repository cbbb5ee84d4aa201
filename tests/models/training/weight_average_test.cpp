#include "models/training/weight_average.hpp"

#include "autograd/error.hpp"
#include "nn/linear.hpp"
#include "tests/catch.hpp"

namespace weft::models {
namespace {

using Values = std::vector<float>;

// A single parameter with one element.
struct One {
  Tensor x = tensor<float>({0}, {1}).set_requires_grad();
  nn::NamedTensors named() const { return {{"x", x}}; }
  void set(float value) { x.set_data(tensor<float>({value}, {1})); }
  float value() const { return x.to_vector<float>()[0]; }
};

float averaged(const WeightAverage& average, const One& one) {
  const WeightAverage::Guard guard(average);
  return one.value();
}

TEST_CASE("a moving average is that of the formula, its decay small at first") {
  One one;
  WeightAverage average(0.5, 1, one.named());
  CHECK(average.begun(1, 0));
  CHECK_FALSE(average.begun(0, 0));
  one.set(10);
  CHECK(averaged(average, one) == 10);  // no average yet
  average.after_step(1);
  one.set(20);
  average.after_step(2);  // d = 3/12
  CHECK(averaged(average, one) == Approx(0.25 * 10 + 0.75 * 20));
  one.set(0);
  average.after_step(1000);  // d = 0.5
  CHECK(averaged(average, one) == Approx(0.5 * 17.5));
  CHECK(one.value() == 0);  // the guard restored the parameter
}

TEST_CASE("an average over epochs is the mean of the last ones") {
  One one;
  WeightAverage average(0, 3, one.named());
  for (const float value : {1.0F, 2.0F, 6.0F, 10.0F}) {
    one.set(value);
    average.after_epoch();
  }
  CHECK(averaged(average, one) == Approx(6));
  CHECK(average.begun(9, 1));
  CHECK_FALSE(average.begun(9, 0));
  CHECK_FALSE(WeightAverage(0, 1, one.named()).begun(9, 9));
}

TEST_CASE("averages go on after they were kept") {
  for (const bool moving : {true, false}) {
    One one;
    WeightAverage average(moving ? 0.9 : 0, moving ? 1 : 2, one.named());
    for (const float value : {3.0F, 5.0F}) {
      one.set(value);
      average.after_step(5);
      average.after_epoch();
    }
    nn::NamedTensors kept;
    for (const auto& [name, tensor] : average.state()) {
      kept.emplace_back(name, tensor.clone());
    }
    One other;
    other.set(100);
    WeightAverage again(moving ? 0.9 : 0, moving ? 1 : 2, other.named());
    again.load_state(kept);
    CHECK(averaged(again, other) == averaged(average, one));
    CHECK_THROWS_AS(again.load_state({{"0.x", zeros({2})}, {"x", zeros({2})}}), Error);
    CHECK_THROWS_WITH(again.load_state({{"1.x", zeros({1})}}),
                      Catch::Matchers::StartsWith("average: missing tensor; expected "));
    kept.emplace_back("y", zeros({1}));
    CHECK_THROWS_AS(again.load_state(kept), Error);
    again.load_state({});
    CHECK(averaged(again, other) == 100);
  }
}

}  // namespace
}  // namespace weft::models
