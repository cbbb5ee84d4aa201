#include "autograd/probe.hpp"

#include <string>

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

/// Writes down what it sees; multiplies gradients by `factor`.
class Scribe : public Probe {
 public:
  Scribe(std::string name, std::vector<std::string>& log, double factor)
      : name_(std::move(name)), log_(log), factor_(factor) {}

  void recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                const std::vector<Tensor>& outputs) override {
    log_.push_back(fmt::format("{}: {} of {} makes {}", name_, node->op->name(), inputs.size(),
                               outputs.size()));
    Probe::recorded(node, inputs, outputs);
  }
  Gradients call(const Node& node, const Backward& backward) override {
    log_.push_back(fmt::format("{}: {} backward", name_, node.op->name()));
    Gradients gradients = Probe::call(node, backward);
    gradients[0] = gradients[0].dense() * factor_;
    return gradients;
  }

 private:
  std::string name_;
  std::vector<std::string>& log_;
  double factor_;
};

double gradient_of_exp_at_zero() {
  Tensor x = scalar(0).set_requires_grad();
  exp(x).backward();
  return x.grad().item();
}

TEST_CASE("probes see what is recorded and may change what backward returns; the youngest first") {
  std::vector<std::string> log;
  CHECK(Probe::current() == nullptr);
  {
    const Scribe outer("outer", log, 2);
    {
      const Scribe inner("inner", log, 5);
      CHECK(Probe::current() == &inner);
      CHECK(gradient_of_exp_at_zero() == 10);
    }
    CHECK(Probe::current() == &outer);
    CHECK(gradient_of_exp_at_zero() == 2);
  }
  CHECK(gradient_of_exp_at_zero() == 1);
  CHECK(log == std::vector<std::string>{"inner: exp of 1 makes 1", "outer: exp of 1 makes 1",
                                        "inner: exp backward", "outer: exp backward",
                                        "outer: exp of 1 makes 1", "outer: exp backward"});
}

}  // namespace
}  // namespace weft
