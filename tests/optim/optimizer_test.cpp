#include "optim/optimizer.hpp"

#include <cmath>
#include <functional>
#include <memory>

#include "autograd/ops.hpp"
#include "autograd/random.hpp"
#include "optim/adadelta.hpp"
#include "optim/adagrad.hpp"
#include "optim/adam.hpp"
#include "optim/clip.hpp"
#include "optim/sgd.hpp"
#include "tests/catch.hpp"

namespace weft::optim {
namespace {

Tensor leaf(double value) { return full({3}, value).set_requires_grad(); }

/// One step along a random gradient.
void random_step(Optimizer& optimizer, Tensor parameter, Generator& generator) {
  parameter.set_gradient(randn(parameter.shape(), generator));
  optimizer.step();
}

TEST_CASE("a parameter without gradient stays as it is") {
  const Tensor with = leaf(1);
  const Tensor without = leaf(1);
  SGD optimizer({{"with", with}, {"without", without}}, {.lr = 0.5, .momentum = 0});
  Tensor(with).set_gradient(ones({3}));
  optimizer.step();
  CHECK(identical(with.detach(), full({3}, 0.5)));
  CHECK(identical(without.detach(), ones({3})));
  optimizer.zero_grad();
  CHECK_FALSE(with.grad().defined());
}

TEST_CASE("the learning rate can change between steps") {
  const Tensor parameter = leaf(1);
  SGD optimizer({{"p", parameter}}, {.lr = 1, .momentum = 0});
  optimizer.set_lr(0.25);
  CHECK(optimizer.lr() == 0.25);
  Tensor(parameter).set_gradient(ones({3}));
  optimizer.step();
  CHECK(identical(parameter.detach(), full({3}, 0.75)));
  CHECK_THROWS_WITH(optimizer.set_lr(-1),
                    "Optimizer: learning rate out of range; got -1; expected a finite number >= 0");
  CHECK_THROWS_AS(optimizer.set_lr(NAN), Error);
}

TEST_CASE("a restored state continues bit for bit") {
  using Make = std::function<std::unique_ptr<Optimizer>(const Tensor&)>;
  const Make make_adam = [](const Tensor& p) {
    return std::make_unique<Adam>(NamedTensors{{"p", p}}, AdamOptions{.lr = 0.1});
  };
  const Make make_sgd = [](const Tensor& p) {
    return std::make_unique<SGD>(NamedTensors{{"p", p}}, SGDOptions{.lr = 0.1, .momentum = 0.9});
  };
  const Make make_adamw = [](const Tensor& p) {
    return std::make_unique<AdamW>(NamedTensors{{"p", p}}, AdamWOptions{.lr = 0.1});
  };
  const Make make_adagrad = [](const Tensor& p) {
    return std::make_unique<Adagrad>(NamedTensors{{"p", p}}, AdagradOptions{.lr = 0.1});
  };
  const Make make_adadelta = [](const Tensor& p) {
    return std::make_unique<Adadelta>(NamedTensors{{"p", p}});
  };
  for (const Make& make : {make_adam, make_sgd, make_adamw, make_adagrad, make_adadelta}) {
    Generator generator(1);
    const Tensor straight = leaf(1);
    const auto optimizer = make(straight);
    for (int step = 0; step < 3; ++step) {
      random_step(*optimizer, straight, generator);
    }
    const Tensor resumed = straight.detach().clone().set_requires_grad();
    const auto other = make(resumed);
    other->load_state(optimizer->state());

    Generator same = generator;
    for (int step = 0; step < 3; ++step) {
      random_step(*optimizer, straight, generator);
      random_step(*other, resumed, same);
    }
    CHECK(identical(straight.detach(), resumed.detach()));
    for (std::size_t i = 0; i < optimizer->state().size(); ++i) {
      CHECK(identical(optimizer->state()[i].second, other->state()[i].second));
    }
  }
}

TEST_CASE("the state has PyTorch's names") {
  const Adam adam({{"a", leaf(1)}, {"b", leaf(1)}});
  std::vector<std::string> names;
  for (const auto& [name, tensor] : adam.state()) {
    names.push_back(name);
  }
  CHECK(names == std::vector<std::string>{"a.step", "b.step", "a.exp_avg", "b.exp_avg",
                                          "a.exp_avg_sq", "b.exp_avg_sq"});
  const SGD sgd({{"a", leaf(1)}}, {.lr = 1, .momentum = 0.5});
  CHECK(sgd.state()[0].first == "a.momentum_buffer");
}

TEST_CASE("load_state refuses the state of another optimizer") {
  Adam adam({{"a", leaf(1)}});
  NamedTensors state = adam.state();
  state[1].second = zeros({4});
  CHECK_THROWS_WITH(adam.load_state(state),
                    "Optimizer::load_state: tensor 1 does not fit; got 'a.exp_avg' [4] float32; "
                    "expected 'a.exp_avg' [3] float32");
  state.pop_back();
  CHECK_THROWS_WITH(adam.load_state(state),
                    "Optimizer::load_state: number of tensors; got 2; expected 3");
  CHECK_THROWS_WITH(adam.load_state(Adam({{"b", leaf(1)}}).state()),
                    "Optimizer::load_state: tensor 0 does not fit; got 'b.step' [] int64; "
                    "expected 'a.step' [] int64");
}

// The message of loading the optimizer's state with one element of a tensor changed.
template <class T>
void refuses(Optimizer& optimizer, const std::string& name, T value, const std::string& range) {
  NamedTensors state;
  for (const auto& [own, tensor] : optimizer.state()) {
    state.emplace_back(own, tensor.clone());
    if (own == name) {
      state.back().second.template mutable_data<T>().back() = value;
    }
  }
  CHECK_THROWS_WITH(optimizer.load_state(state),
                    fmt::format("Optimizer::load_state: '{}' out of range; got {}; expected a "
                                "number in {}",
                                name, value, range));
}

TEST_CASE("load_state refuses what no step leaves there") {
  Adam adam({{"a", leaf(1)}});
  const std::string counts = "[0, 9007199254740992]";
  refuses<std::int64_t>(adam, "a.step", -1, counts);
  refuses<std::int64_t>(adam, "a.step", std::numeric_limits<std::int64_t>::max(), counts);
  refuses(adam, "a.exp_avg_sq", -1.0F, "[0, inf]");
  Adagrad adagrad({{"a", leaf(1)}});
  refuses(adagrad, "a.sum", -1e-30F, "[0, inf]");
  Adadelta adadelta({{"a", leaf(1)}});
  refuses(adadelta, "a.square_avg", -1.0F, "[0, inf]");
  refuses(adadelta, "a.acc_delta", -1.0F, "[0, inf]");
}

TEST_CASE("an optimizer takes leaves that ask for gradients, each once") {
  CHECK_THROWS_WITH(SGD({}), "Optimizer: no parameters; got an empty list");
  CHECK_THROWS_WITH(SGD({{"a", ones({2})}}), "Optimizer: 'a' is no leaf that requires a gradient");
  CHECK_THROWS_WITH(SGD({{"a", leaf(1)}, {"a", leaf(1)}}),
                    "Optimizer: name used twice; got 'a' again");
  const Tensor tied = leaf(1);
  CHECK_THROWS_WITH(SGD({{"a", tied}, {"b", tied}}),
                    "Optimizer: 'a' and 'b' are one tensor, which would be updated twice");
}

TEST_CASE("a parameter that was given other data is refused, and nothing is updated") {
  const Tensor first = leaf(1);
  Tensor changed = leaf(1);
  Adam adam({{"first", first}, {"changed", changed}}, {.lr = 0.1});
  changed.set_data(ones({400, 20}));
  Tensor(first).set_gradient(ones({3}));
  changed.set_gradient(ones({400, 20}));
  CHECK_THROWS_WITH(adam.step(),
                    "Optimizer: 'changed' was given other data; got [400, 20] float32; expected "
                    "[3] float32");
  CHECK(identical(first.detach(), ones({3})));
  changed.set_data(ones({3}, DType::float64));
  CHECK_THROWS_AS(adam.step(), Error);
}

TEST_CASE("a recorded gradient can be clipped and followed") {
  Tensor x = leaf(3);
  SGD optimizer({{"x", x}}, {.lr = 1});
  sum(x * x).backward({}, false, true);
  CHECK(clip_grad_norm_({x}, 1) == Approx(std::sqrt(108.0)));
  optimizer.step();
  CHECK(x.data<float>()[0] == Approx(3 - 1 / std::sqrt(3.0)));
  x.zero_grad();
}

}  // namespace
}  // namespace weft::optim
