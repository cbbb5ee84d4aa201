#include "autograd/tape.hpp"

#include <thread>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/composed.hpp"
#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor leaf(double value) { return scalar(value, DType::float64).set_requires_grad(); }

TEST_CASE("guards nest and restore") {
  CHECK(grad_enabled());
  {
    const NoGradGuard outer;
    CHECK_FALSE(grad_enabled());
    {
      const GradModeGuard inner(true);
      CHECK(grad_enabled());
      const NoGradGuard innermost;
      CHECK_FALSE(grad_enabled());
    }
    CHECK_FALSE(grad_enabled());
  }
  CHECK(grad_enabled());
}

TEST_CASE("a guard is its thread's own") {
  const NoGradGuard guard;
  bool enabled = false;
  std::thread([&] { enabled = grad_enabled(); }).join();
  CHECK(enabled);
}

TEST_CASE("nothing is recorded under NoGradGuard or without need") {
  const std::int64_t before = live_nodes();
  const Tensor x = leaf(2);
  CHECK_FALSE((scalar(1) + scalar(2)).requires_grad());
  const NoGradGuard guard;
  CHECK_FALSE((x * x).requires_grad());
  CHECK(live_nodes() == before);
}

TEST_CASE("a change in place after saving is an error that says so") {
  Tensor a = leaf(2);
  const Tensor y = a * a;
  a.mutable_data<double>()[0] = 3;
  CHECK_THROWS_WITH(y.backward(),
                    "backward: a tensor of shape [] was changed in place after it was saved; got "
                    "version 2; expected version 1; hint: clone() it before the change");
}

TEST_CASE("a change through a view, or of a kept output, is found too") {
  const Tensor a = full({2}, 2).set_requires_grad();
  const Tensor y = sum(a * a);
  reshape(a.detach(), {1, 2}).mutable_data<float>()[0] = 3;
  CHECK_THROWS_AS(y.backward(), Error);

  const Tensor kept = exp(a);
  const Tensor z = sum(kept);
  kept.detach().mutable_data<float>()[0] = 3;
  CHECK_THROWS_AS(z.backward(), Error);
}

TEST_CASE("a recorded result is not changed in place while recording is on") {
  const Tensor a = leaf(2);
  Tensor y = a + a;
  CHECK_THROWS_WITH(y.mutable_data<double>(),
                    "mutable_data: an op made this tensor, whose gradient would be wrong "
                    "afterwards; hint: detach() or clone() it first");
  const NoGradGuard guard;
  y.mutable_data<double>()[0] = 5;
  CHECK(y.item() == 5);
}

TEST_CASE("replacing a saved tensor's data is found too") {
  Tensor a = leaf(2);
  const Tensor b = leaf(3);
  const Tensor y = a * b;
  a.set_data(scalar(5, DType::float64));
  CHECK_THROWS_AS(y.backward(), Error);
}

TEST_CASE("a change of what nobody saved is no error") {
  Tensor a = leaf(2);
  const Tensor y = a + a;
  a.mutable_data<double>()[0] = 3;
  y.backward();
  CHECK(a.grad().item() == 2);
}

TEST_CASE("an exception in mid-forward leaves nothing behind") {
  const std::int64_t nodes = live_nodes();
  const std::size_t bytes = memory_stats().live;
  const auto forward = [] {
    const Tensor x = ones({3}).set_requires_grad();
    const Tensor y = exp(x) * x;
    return y + ones({4});
  };
  CHECK_THROWS_AS(forward(), Error);
  CHECK(live_nodes() == nodes);
  CHECK(memory_stats().live == bytes);
}

constexpr int kLong = 1'000'000;

TEST_CASE("a chain of a million nodes is walked and destroyed on a small stack") {
  const std::int64_t before = live_nodes();
  double gradient = 0;
  testing::run_on_small_stack([&] {
    const Tensor x = leaf(0);
    Tensor y = x;
    const Tensor one = scalar(1, DType::float64);
    for (int i = 0; i < kLong; ++i) {
      y = y + one;
    }
    y.backward();
    gradient = x.grad().item();
  });
  CHECK(gradient == 1);
  CHECK(live_nodes() == before);
}

TEST_CASE("a chain that saves its inputs is dropped without backward on a small stack") {
  const std::int64_t before = live_nodes();
  std::int64_t during = 0;
  testing::run_on_small_stack([&] {
    const Tensor x = leaf(1);
    Tensor y = x;
    for (int i = 0; i < kLong; ++i) {
      y = y * x;
    }
    during = live_nodes();
  });
  CHECK(during == before + kLong + 1);
  CHECK(live_nodes() == before);
}

TEST_CASE("a chain that saves its inputs is freed by backward on a small stack") {
  const std::int64_t before = live_nodes();
  double gradient = 0;
  testing::run_on_small_stack([&] {
    const Tensor x = leaf(1);
    Tensor y = x;
    for (int i = 0; i < kLong / 10; ++i) {
      y = y * x;
    }
    y.backward();
    gradient = x.grad().item();
  });
  CHECK(static_cast<std::int64_t>(gradient) == kLong / 10 + 1);
  CHECK(live_nodes() == before);
}

TEST_CASE("a graph may die in another thread") {
  const std::int64_t before = live_nodes();
  const Tensor x = leaf(1);
  Tensor y = x;
  for (int i = 0; i < 10000; ++i) {
    y = y * x;
  }
  std::thread([dying = std::move(y)]() mutable { dying = {}; }).join();
  CHECK(live_nodes() == before);
}

TEST_CASE("a graph may outlive what its thread used to build it") {
  struct Holder {
    Tensor tensor;
  };
  const std::int64_t before = live_nodes();
  std::thread([] {
    thread_local Holder holder;  // made before the tape's thread-local state, so destroyed after it
    holder.tensor = Tensor();
    const Tensor x = leaf(1);
    holder.tensor = x * x * x;
  }).join();
  CHECK(live_nodes() == before);
}

TEST_CASE("composed_gradients stops at the op's own inputs") {
  const Op op = Op::unchecked("cube", "a test of composed_gradients");
  const auto composed = [](const std::vector<Tensor>& x) {
    return std::vector{x[0] * x[0] * x[1]};
  };
  const Tensor a = leaf(3);
  const Tensor b = a * 2.0;  // one input computed from the other
  Tensor value = scalar(54, DType::float64);
  const Tensor y = record(op, {a, b}, value, [&, a = Saved(a), b = Saved(b)](const Backward& bw) {
    return composed_gradients(composed, {*a, *b}, bw);
  });
  const Tensor first = grad({y}, {a}, {}, {.create_graph = true})[0];  // of 2 a^3
  CHECK(first.item() == 54);
  CHECK(grad({first}, {a})[0].item() == 36);
}

TEST_CASE("composed_gradients passes over outputs that depend on no input in question") {
  const Op op = Op::unchecked("pair", "a test of composed_gradients");
  const auto composed = [](const std::vector<Tensor>& x) {
    return std::vector{x[0] * 2.0, x[1] * 3.0};
  };
  const Tensor a = leaf(3);
  const Tensor b = scalar(5, DType::float64);
  const std::vector<Tensor> y =
      record(op, {a, b}, {scalar(6, DType::float64), scalar(15, DType::float64)},
             [&, a = Saved(a), b = Saved(b)](const Backward& backward) {
               return composed_gradients(composed, {*a, *b}, backward);
             });
  CHECK(grad({y[0] + y[1]}, {a})[0].item() == 2);
}

TEST_CASE("record takes fresh floating outputs alone") {
  const Op op = Op::unchecked("straight", "a test of record");
  const BackwardFunction backward = [](const Backward& b) -> Gradients { return {b.grad()}; };
  const Tensor x = leaf(1);
  CHECK_THROWS_WITH(record(op, {x}, x, backward),
                    "record: output 0 of 'straight' is in a graph already; expected a tensor of "
                    "its own; hint: detach() it");
  CHECK(x.is_leaf());
  CHECK_THROWS_WITH(record(op, {x}, arange(1), backward),
                    "record: output 0 of 'straight' cannot have a gradient; got int64; expected a "
                    "floating dtype");
}

TEST_CASE("a backward that asks for what there is not is told so") {
  static const Op op = Op::unchecked("forgetful", "keeps no outputs");
  const Tensor x = scalar(1).set_requires_grad();
  const Tensor y = record(op, {x}, scalar(2), [](const Backward& backward) -> Gradients {
    return {backward.output()};
  });
  CHECK_THROWS_WITH(y.backward(),
                    "backward: there is no output 0; got 0 of them; hint: make the op with "
                    "KeepOutputs::yes");
  CHECK_THROWS_WITH(grad({x}, {Tensor()}),
                    "grad: input 0 is undefined; got no tensor; expected one that requires a "
                    "gradient");
  CHECK_THROWS_WITH(x.register_hook({}),
                    "register_hook: no function given; got an empty one; expected a hook");
}

}  // namespace
}  // namespace weft
