#include "autograd/hooks.hpp"

#include "autograd/engine.hpp"
#include "autograd/gradient.hpp"
#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor leaf(double value) { return scalar(value, DType::float64).set_requires_grad(); }

GradientHook times(double factor) {
  return [factor](const Gradient& gradient) { return gradient.dense() * factor; };
}

TEST_CASE("a hook sees the whole gradient of a result, once") {
  const Tensor x = leaf(3);
  const Tensor h = x * 2.0;
  std::vector<double> seen;
  h.register_hook([&](const Gradient& gradient) {
    seen.push_back(gradient.dense().item());
    return Gradient();
  });
  (h * h + h).backward();
  CHECK(seen == std::vector<double>{13});  // 2 h + 1
  CHECK(x.grad().item() == 26);
}

TEST_CASE("a hook replaces the gradient of a result or a leaf") {
  const Tensor x = leaf(3);
  const Tensor h = x * 2.0;
  h.register_hook(times(10));
  (h * h).backward();
  CHECK(x.grad().item() == 240);
  const Tensor y = leaf(3);
  y.register_hook(times(10));
  (y * y).backward();
  (y * y).backward();
  CHECK(y.grad().item() == 120);  // the hook saw each pass's contribution separately
}

TEST_CASE("hooks are called in the order of registration, then retain_grad and grad look") {
  const Tensor x = leaf(3);
  const Tensor h = x * 1.0;
  h.retain_grad();
  h.register_hook(times(2));
  h.register_hook(
      [](const Gradient& gradient) { return gradient.dense() + scalar(1, DType::float64); });
  CHECK(grad({h * 5.0}, {h})[0].item() == 11);
  CHECK(h.grad().item() == 11);
}

TEST_CASE("a removed hook is not called, and what it captured is dropped") {
  const Tensor x = leaf(3);
  const auto captured = std::make_shared<int>(0);
  HookHandle handle = x.register_hook([captured](const Gradient&) {
    ++*captured;
    return Gradient();
  });
  (x * x).backward();
  handle.remove();
  handle.remove();
  CHECK(captured.use_count() == 1);
  (x * x).backward();
  CHECK(*captured == 1);
}

TEST_CASE("a handle may outlive the tensor, and a hook remove itself") {
  HookHandle handle;
  {
    const Tensor x = leaf(3);
    handle = x.register_hook(times(2));
  }
  handle.remove();
  const Tensor x = leaf(3);
  int calls = 0;
  handle = x.register_hook([&](const Gradient&) {
    handle.remove();
    ++calls;
    return Gradient();
  });
  x.register_hook(times(2));
  (x * x).backward();
  (x * x).backward();
  CHECK(calls == 1);
  CHECK(x.grad().item() == 24);
}

TEST_CASE("a hook on one of several outputs sees its own gradient alone") {
  const Tensor x = tensor<double>({1, 2, 3}, {3}).set_requires_grad();
  const std::vector<Tensor> parts = split(x, {1, 2}, 0);
  int unused = 0;
  parts[0].register_hook([&](const Gradient&) {
    ++unused;
    return Gradient();
  });
  parts[1].register_hook(times(3));
  sum(parts[1]).backward();
  CHECK(unused == 0);
  CHECK(x.grad().to_vector<double>() == std::vector<double>{0, 3, 3});
}

TEST_CASE("a hook of a table sees rows") {
  const Tensor table = zeros({100, 2}).set_requires_grad();
  bool rows = false;
  table.register_hook([&](const Gradient& gradient) {
    rows = gradient.is_rows();
    return Gradient::rows(gradient.ids(), gradient.values() * 2.0, 100);
  });
  sum(embedding(tensor<std::int64_t>({7}, {1}), table)).backward();
  CHECK(rows);
  CHECK(table.gradient().values().to_vector<float>() == std::vector<float>{2, 2});
}

TEST_CASE("what a hook computes is differentiated under create_graph") {
  const Tensor x = leaf(3);
  const Tensor h = x * 1.0;
  h.register_hook([](const Gradient& gradient) { return gradient.dense() * gradient.dense(); });
  const Tensor first = grad({x * h}, {h}, {}, {.create_graph = true})[0];
  CHECK(first.item() == 9);                  // x^2
  CHECK(grad({first}, {x})[0].item() == 6);  // 2 x
}

TEST_CASE("retain_grad accumulates a result's gradient in a buffer of its own") {
  const Tensor x = leaf(3);
  Tensor h = (x * 2.0).retain_grad();
  const Tensor y = h * h;
  y.backward({}, true);
  y.backward();
  CHECK(h.grad().item() == 24);
  h.grad().mutable_data<double>()[0] = 0;
  CHECK(x.grad().item() == 48);
  h.zero_grad();
  CHECK_FALSE(h.grad().defined());
  const Tensor plain = x * 2.0;
  (plain * plain).backward();
  CHECK_FALSE(plain.gradient().defined());
}

TEST_CASE("retain_grad keeps no result alive") {
  const Tensor x = leaf(3);
  const std::size_t bytes = memory_stats().live;
  Tensor y = (x * 2.0).retain_grad() + x;
  y.backward();
  y = {};
  CHECK(memory_stats().live == bytes + sizeof(double));  // x's gradient
}

TEST_CASE("what hooks cannot do is named") {
  const Tensor x = leaf(3);
  CHECK_THROWS_WITH(scalar(1).register_hook(times(2)),
                    "register_hook: the tensor requires no gradient; hint: call "
                    "set_requires_grad() first");
  CHECK_THROWS_WITH(scalar(1).retain_grad(),
                    "retain_grad: the tensor requires no gradient; hint: call "
                    "set_requires_grad() first");
  x.register_hook([](const Gradient&) { return ones({2}); });
  CHECK_THROWS_WITH((x * x).backward(),
                    "register_hook: a hook's gradient does not fit; got [2] float32; expected [] "
                    "float64");
  CHECK_FALSE(x.grad().defined());
}

}  // namespace
}  // namespace weft
