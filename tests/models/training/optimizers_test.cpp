#include "models/training/optimizers.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"

namespace weft::models {
namespace {

TEST_CASE("optimizers are found by name") {
  for (const char* known : {"sgd", "adam", "adamw", "adagrad", "adadelta"}) {
    CHECK(name(named<OptimizerKind>(known)) == known);
  }
  CHECK(contains(message_of([] { named<OptimizerKind>("adm"); }), "did you mean adam?"));
}

/// A parameter of 2 after two steps, along gradients of 4 and of `second`.
double after_two_steps(const OptimizerConfig& config, double second = 4) {
  Tensor parameter = full({1}, 2, DType::float64).set_requires_grad();
  const auto optimizer = make_optimizer(config, {{"p", parameter}});
  parameter.set_gradient(full({1}, 4, DType::float64));
  optimizer->step();
  parameter.set_gradient(full({1}, second, DType::float64));
  optimizer->step();
  return parameter.item();
}

TEST_CASE("each kind is made with its own numbers") {
  const auto config = [](OptimizerKind kind, double momentum = 0.5, double decay = 0.2) {
    return OptimizerConfig{kind, 0.5, momentum, 0.999, decay};
  };
  // sgd: steps of lr g and lr (1 + momentum) g; the others ignore momentum
  CHECK(after_two_steps(config(OptimizerKind::sgd)) == Approx(2 - 0.5 * 4 - 0.5 * 6));
  CHECK(after_two_steps(config(OptimizerKind::adam)) == Approx(1));
  CHECK(after_two_steps(config(OptimizerKind::adamw)) == Approx((2 * 0.9 - 0.5) * 0.9 - 0.5));
  CHECK(after_two_steps(config(OptimizerKind::adagrad)) == Approx(1.5 - 0.5 / std::sqrt(2.0)));
  const double adadelta = after_two_steps(config(OptimizerKind::adadelta));
  CHECK(adadelta < 2);
  CHECK(adadelta > 1.99);
  for (const OptimizerKind kind :
       {OptimizerKind::adam, OptimizerKind::adagrad, OptimizerKind::adadelta}) {
    CHECK(after_two_steps(config(kind)) == after_two_steps(config(kind, 0.9, 0.7)));
  }
}

TEST_CASE("beta2 is that of Adam and AdamW: with 0, a step is as long as m / |g|") {
  const double m_hat = (0.09 * 4 + 0.1 * 2) / (1 - 0.81);
  for (const OptimizerKind kind : {OptimizerKind::adam, OptimizerKind::adamw}) {
    const OptimizerConfig config{kind, 0.5, 0, 0, 0};
    CHECK(after_two_steps(config, 2) == Approx(2 - 0.5 - 0.5 * m_hat / 2));
  }
}

}  // namespace
}  // namespace weft::models
