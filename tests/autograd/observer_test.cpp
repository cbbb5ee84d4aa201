#include "autograd/observer.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "autograd/anomaly.hpp"
#include "autograd/graph/tracker.hpp"
#include "autograd/node.hpp"
#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

/// Records what it observes; multiplies gradients by `factor`.
class Scribe : public Observer {
 public:
  Scribe(std::string name, std::vector<std::string>& log, double factor)
      : name_(std::move(name)), log_(log), factor_(factor) {}

  void recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                const std::vector<Tensor>& outputs) override {
    log_.push_back(fmt::format("{}: {} of {} makes {}", name_, node->op->name(), inputs.size(),
                               outputs.size()));
    Observer::recorded(node, inputs, outputs);
  }
  Gradients call(const Node& node, const Backward& backward) override {
    log_.push_back(fmt::format("{}: {} backward", name_, node.op->name()));
    Gradients gradients = Observer::call(node, backward);
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

TEST_CASE(
    "observers see what is recorded and may change what backward returns; the youngest first") {
  std::vector<std::string> log;
  CHECK(Observer::current() == nullptr);
  {
    const Scribe outer("outer", log, 2);
    {
      const Scribe inner("inner", log, 5);
      CHECK(Observer::current() == &inner);
      CHECK(gradient_of_exp_at_zero() == 10);
    }
    CHECK(Observer::current() == &outer);
    CHECK(gradient_of_exp_at_zero() == 2);
  }
  CHECK(gradient_of_exp_at_zero() == 1);
  CHECK(log == std::vector<std::string>{"inner: exp of 1 makes 1", "outer: exp of 1 makes 1",
                                        "inner: exp backward", "outer: exp backward",
                                        "outer: exp of 1 makes 1", "outer: exp backward"});
}

TEST_CASE("observers end in any order") {
  std::vector<std::string> log;
  auto first = std::make_unique<Scribe>("first", log, 1);
  auto second = std::make_unique<Scribe>("second", log, 1);
  auto third = std::make_unique<Scribe>("third", log, 1);
  first.reset();
  third.reset();
  CHECK(Observer::current() == second.get());
  CHECK(gradient_of_exp_at_zero() == 1);
  second.reset();
  CHECK(Observer::current() == nullptr);
  CHECK(log == std::vector<std::string>{"second: exp of 1 makes 1", "second: exp backward"});
}

TEST_CASE("anomaly mode and a tracker leave other observers their say") {
  std::vector<std::string> log;
  const GraphTracker tracker;
  const AnomalyGuard anomaly;
  const Scribe scribe("scribe", log, 1);
  const AnomalyGuard off(false);
  const AnomalyGuard on_again;
  CHECK(gradient_of_exp_at_zero() == 1);
  CHECK(log.size() == 2);
  const Tensor x = scalar(0).set_requires_grad();
  CHECK_THROWS_AS(weft::log(x), Error);
}

TEST_CASE("who watches all threads sees those that began before") {
  const Tensor x = scalar(0).set_requires_grad();
  std::atomic<int> stage = 0;
  Tensor y;
  std::thread worker([&] {
    const Tensor earlier = exp(x);
    stage = 1;
    stage.notify_all();
    stage.wait(1);
    y = exp(x);
  });
  stage.wait(0);
  {
    const GraphTracker tracker;
    stage = 2;
    stage.notify_all();
    worker.join();
    CHECK(tracker.report().size() == 1);
  }
  CHECK(Observer::current() == nullptr);
}

}  // namespace
}  // namespace weft
