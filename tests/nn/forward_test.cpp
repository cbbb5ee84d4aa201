#include <limits>

#include "autograd/anomaly.hpp"
#include "nn/attention.hpp"
#include "nn/embedding.hpp"
#include "nn/gru.hpp"
#include "nn/loss.hpp"
#include "tests/catch.hpp"

namespace weft::nn {
namespace {

using Shapes = std::vector<Shape>;

/// The shapes that a hook sees when `forward` is called.
template <class M, class F>
Shapes seen(M& module, F forward) {
  Shapes shapes;
  HookHandle handle =
      module.register_forward_hook([&](const Module& self, std::vector<Tensor>& outputs) {
        CHECK(&self == &module);
        for (const Tensor& output : outputs) {
          shapes.push_back(output.shape());
        }
      });
  forward(module);
  handle.remove();
  forward(module);
  return shapes;
}

TEST_CASE("every module shows its hooks what it returns") {
  const Tensor x = ones({2, 3});
  Linear linear(3, 4);
  CHECK(seen(linear, [&](auto& m) { m.forward(x); }) == Shapes{{2, 4}});
  Dropout dropout(0.5);
  CHECK(seen(dropout, [&](auto& m) { m.forward(x); }) == Shapes{{2, 3}});
  Embedding embedding(5, 2);
  CHECK(seen(embedding, [&](auto& m) { m.forward(arange(4)); }) == Shapes{{4, 2}});
  GRUCell cell(3, 6);
  CHECK(seen(cell, [&](auto& m) { m.forward(x, ones({2, 6})); }) == Shapes{{2, 6}});
  GRU gru(3, 6, 1, true);
  CHECK(seen(gru, [&](auto& m) { m.forward(ones({5, 2, 3})); }) == Shapes{{5, 2, 12}, {2, 2, 6}});
  AdditiveAttention attention(3, 4, 5);
  const Tensor values = ones({7, 2, 4});
  CHECK(seen(attention, [&](auto& m) { m.forward(x, m.project_keys(values), values); }) ==
        Shapes{{2, 4}, {7, 2}});
  CrossEntropyLoss loss;
  CHECK(seen(loss, [&](auto& m) { m.forward(x, arange(2)); }) == Shapes{{}});
}

TEST_CASE("forward hooks replace results, in the order of registration") {
  Linear linear(2, 1, false);
  linear.weight.copy_(ones({1, 2}));
  linear.register_forward_hook([](const Module&, auto& outputs) { outputs[0] = outputs[0] * 10; });
  linear.register_forward_hook([](const Module&, auto& outputs) { outputs[0] = outputs[0] + 1; });
  const Tensor y = linear.forward(ones({1, 2}));
  CHECK(y.item() == 21);
  sum(y).backward();
  CHECK(linear.weight.grad().to_vector<float>() == std::vector<float>{10, 10});
  linear.register_forward_hook([](const Module&, auto& outputs) { outputs.clear(); });
  CHECK_THROWS_WITH(linear.forward(ones({1, 2})),
                    "register_forward_hook: a hook changed the number of outputs; got 0; expected "
                    "1");
}

struct Model : Module {
  Model() : rnn(2, 3) { child("encoder", rnn); }
  GRU rnn;
};

TEST_CASE("an error names the modules at work and the time step") {
  Model model;
  CHECK_THROWS_WITH(model.rnn.forward(ones({4, 1, 5})),
                    "GRU in encoder: wrong shape of input; got [4, 1, 5]; expected [T, B, 2] with "
                    "T >= 1");
  model.rnn.weights[0].weight_hh.set_data(ones({9, 4}));
  CHECK_THROWS_WITH(model.rnn.forward(ones({4, 1, 2})),
                    Catch::Matchers::StartsWith("linear in encoder, time step 0: "));
  CHECK_THROWS_WITH(Linear(2, 3).forward(ones({1, 5})), Catch::Matchers::StartsWith("linear: "));
}

TEST_CASE("anomaly mode names the module and the time step") {
  const AnomalyGuard guard;
  Model model;
  CHECK_NOTHROW(sum(model.rnn.forward(ones({4, 1, 2})).h_n).backward());
  Tensor x = ones({4, 1, 2});
  x.mutable_data<float>()[5] = std::numeric_limits<float>::max();  // at the third step
  model.rnn.weights[0].weight_ih.copy_(full({9, 2}, 3));
  CHECK_THROWS_WITH(model.rnn.forward(x), Catch::Matchers::StartsWith("linear in encoder: made "));
  model.rnn.weights[0].weight_ih.copy_(ones({9, 2}));
  model.rnn.weights[0].weight_hh.copy_(full({9, 3}, 3e38));
  CHECK_THROWS_WITH(model.rnn.forward(full({4, 1, 2}, -1)),  // the state is about -0.85
                    Catch::Matchers::StartsWith("linear in encoder, time step 1: made "));
}

}  // namespace
}  // namespace weft::nn
