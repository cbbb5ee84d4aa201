#include "autograd/anomaly.hpp"
#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

constexpr std::int64_t kWidth = 16;

/// A chain of steps h' = dropout(tanh(h W^T + b)), like a recurrent network: every step uses the
/// same parameters, whose gradients are sums over the steps.
struct Chain {
  Chain() {
    Generator generator(1);
    W = (randn({kWidth, kWidth}, generator) * 0.3).set_requires_grad();
    b = (randn({kWidth}, generator) * 0.3).set_requires_grad();
    x = randn({8, kWidth}, generator).set_requires_grad();
  }

  Tensor piece(Tensor h, int steps) const {
    for (int t = 0; t < steps; ++t) {
      h = dropout(tanh(linear(h, W, b)), 0.2, default_generator());
    }
    return h;
  }

  /// `pieces` of `steps` steps each, with the parameters captured.
  Tensor loss(int pieces, int steps, bool checkpointed) const {
    manual_seed(7);
    Tensor h = x;
    for (int p = 0; p < pieces; ++p) {
      const auto f = [this, steps](const std::vector<Tensor>& in) {
        return std::vector{piece(in[0], steps)};
      };
      h = checkpointed ? checkpoint(f, {h})[0] : f({h})[0];
    }
    return sum(h * h);
  }

  std::vector<Tensor> gradients() {
    std::vector<Tensor> all;
    for (Tensor* leaf : {&W, &b, &x}) {
      all.push_back(leaf->grad());
      leaf->zero_grad();
    }
    return all;
  }

  Tensor W;
  Tensor b;
  Tensor x;
};

bool same_bits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  return std::ranges::equal(a, b, identical);
}

TEST_CASE("gradients through checkpoints have the bits of those without") {
  Chain chain;
  const Tensor plain = chain.loss(4, 5, false);
  const std::uint64_t position = default_generator().position();
  plain.backward();
  const std::vector<Tensor> expected = chain.gradients();
  const Tensor loss = chain.loss(4, 5, true);
  CHECK(identical(loss, plain));
  CHECK(default_generator().position() == position);
  default_generator().uniform();  // draws in between must not change a mask
  loss.backward();
  CHECK(default_generator().position() == position + 1);
  CHECK(same_bits(chain.gradients(), expected));
}

TEST_CASE("grad reaches captured parameters and retained checkpoints run again") {
  Chain chain;
  const std::vector<Tensor> leaves = {chain.W, chain.x};
  const std::vector<Tensor> expected = grad({chain.loss(3, 2, false)}, leaves);
  const Tensor loss = chain.loss(3, 2, true);
  CHECK(same_bits(grad({loss}, leaves, {}, {.retain_graph = true}), expected));
  CHECK(same_bits(grad({loss}, leaves), expected));
  CHECK_THROWS_WITH(loss.backward(),
                    "backward: the graph of 'sum' was already freed; hint: pass retain_graph the "
                    "first time");
}

TEST_CASE("a function whose inputs need no gradient trains its parameters") {
  const Tensor table = tensor<double>({1, 2, 3, 4}, {2, 2}).set_requires_grad();
  const Tensor ids = tensor<std::int64_t>({1, 1}, {2});
  const auto f = [table](const std::vector<Tensor>& in) {
    return std::vector{embedding(in[0], table), in[0]};
  };
  const std::vector<Tensor> outputs = checkpoint(f, {ids});
  CHECK_FALSE(outputs[1].requires_grad());
  sum(outputs[0]).backward();
  CHECK(table.gradient().is_rows());
  CHECK(table.grad().to_vector<double>() == std::vector<double>{0, 0, 2, 2});
}

TEST_CASE("checkpoints may hold checkpoints, outputs that are inputs, and outputs nobody uses") {
  const Tensor x = tensor<double>({1, 2}, {2}).set_requires_grad();
  const auto inner = [](const std::vector<Tensor>& in) { return std::vector{exp(in[0])}; };
  const auto outer = [inner](const std::vector<Tensor>& in) {
    const Tensor e = checkpoint(inner, {in[0] * 2.0})[0];
    return std::vector{e * in[0], in[0], tanh(in[0])};
  };
  const std::vector<Tensor> out = checkpoint(outer, {x});
  sum(out[0] * out[1]).backward();
  const Tensor checkpointed = x.grad();
  Tensor y = x.detach().set_requires_grad();
  sum(exp(y * 2.0) * y * y).backward();
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(checkpointed.data<double>()[i] == Approx(y.grad().data<double>()[i]));
  }
}

TEST_CASE("checkpoints are differentiated twice") {
  Chain chain;
  const auto second = [&](bool checkpointed) {
    const Tensor loss = chain.loss(2, 2, checkpointed);
    const Tensor first = grad({loss}, {chain.x}, {}, {.create_graph = true})[0];
    return grad({sum(first * first)}, {chain.W, chain.x});
  };
  const std::vector<Tensor> got = second(true);
  const std::vector<Tensor> expected = second(false);
  for (std::size_t i = 0; i < got.size(); ++i) {  // here the sums are in another order
    const Tensor error = got[i] - expected[i];
    CHECK(sum(error * error).item() <= 1e-10 * sum(expected[i] * expected[i]).item());
  }
}

TEST_CASE("nothing is kept that nobody needs") {
  const std::int64_t nodes = live_nodes();
  const std::size_t bytes = memory_stats().live;
  {
    Chain chain;
    const NoGradGuard guard;
    CHECK_FALSE(chain.loss(2, 2, true).requires_grad());
  }
  {
    Chain chain;
    const Tensor loss = chain.loss(2, 2, true);
    CHECK(live_nodes() == nodes + 2 + 2 + 3);  // checkpoints, mul and sum, leaves
    loss.backward();
  }
  CHECK(live_nodes() == nodes);
  CHECK(memory_stats().live == bytes);
}

TEST_CASE("checkpoints lower the peak of memory") {
  Chain chain;
  const auto peak = [&](bool checkpointed) {
    const std::size_t before = memory_stats().live;
    reset_peak_memory();
    chain.loss(10, 10, checkpointed).backward();
    chain.gradients();
    return memory_stats().peak - before;
  };
  const std::size_t plain = peak(false);
  const std::size_t checkpointed = peak(true);
  CAPTURE(plain, checkpointed);
  CHECK(checkpointed * 3 < plain);  // 10 + 10 steps in memory instead of 100
}

TEST_CASE("a million steps in checkpoints are dropped without recursion") {
  const std::int64_t before = live_nodes();
  {
    Tensor h = scalar(0, DType::float64).set_requires_grad();
    for (int i = 0; i < 200'000; ++i) {
      h = checkpoint([](const std::vector<Tensor>& in) { return std::vector{in[0] + in[0]}; },
                     {h})[0];
    }
  }
  CHECK(live_nodes() == before);
}

TEST_CASE("a function that changes its mind, or its inputs, is found") {
  Tensor x = tensor<double>({1, 2}, {2}).set_requires_grad();
  int calls = 0;
  const auto f = [&](const std::vector<Tensor>& in) {
    return std::vector{++calls == 1 ? in[0] * 2.0 : sum(in[0])};
  };
  CHECK_THROWS_WITH(sum(checkpoint(f, {x})[0]).backward(),
                    "checkpoint: the function made other outputs when it was run again; got [[]]; "
                    "expected [[2]]; hint: did it capture what changed since?");
  const Tensor y = sum(
      checkpoint([](const std::vector<Tensor>& in) { return std::vector{in[0] + 1.0}; }, {x})[0]);
  x.mutable_data<double>()[0] = 5;
  CHECK_THROWS_AS(y.backward(), Error);
}

TEST_CASE("what a checkpoint would compute otherwise the second time is an error") {
  Tensor w = scalar(3).set_requires_grad();
  const Tensor x = scalar(2).set_requires_grad();
  const auto times = [w](const std::vector<Tensor>& a) { return std::vector{w * a[0]}; };
  const Tensor y = checkpoint(times, {x})[0];
  w.mutable_data<float>()[0] = 99;
  CHECK_THROWS_AS(y.backward(), Error);  // as without the checkpoint
  int calls = 0;
  const auto forgets = [&calls](const std::vector<Tensor>& a) {
    return std::vector{calls++ == 0 ? a[0] * 2.0 : a[0].detach() * 2.0};
  };
  CHECK_THROWS_WITH(checkpoint(forgets, {x})[0].backward(),
                    Catch::Contains("the function made other outputs when it was run again"));
}

}  // namespace
}  // namespace weft
