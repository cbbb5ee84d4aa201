#include <algorithm>
#include <map>
#include <string>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

using Lines = std::vector<std::string>;

/// Named leaves, and a listener that records which gradient is final and keeps a copy of it.
class Scribe {
 public:
  Tensor leaf(const std::string& name, Tensor values) {
    values.set_requires_grad();
    leaves_.emplace_back(name, values);
    return values;
  }
  Tensor leaf(const std::string& name, double value) {
    return leaf(name, scalar(value, DType::float64));
  }

  /// Records `line` when the gradient of `result` is complete.
  Tensor mark(const Tensor& result, const std::string& line) {
    result.register_hook([this, line](const Gradient&) {
      lines.push_back(line);
      return Gradient();
    });
    return result;
  }

  BackwardOptions options() {
    return {.on_final = [this](const Tensor& leaf) {
      const auto named = std::ranges::find_if(
          leaves_, [&](const auto& entry) { return entry.second.is_same(leaf); });
      REQUIRE(named != leaves_.end());
      lines.push_back(named->first);
      REQUIRE(gradients.emplace(named->first, leaf.grad().clone()).second);  // called once per leaf
    }};
  }

  /// Whether every leaf still has the gradient that it had when it was reported as final.
  bool was_final() const {
    return std::ranges::all_of(leaves_, [&](const auto& entry) {
      const auto heard = gradients.find(entry.first);
      return heard == gradients.end() ? !entry.second.grad().defined()
                                      : identical(entry.second.grad(), heard->second);
    });
  }

  Lines lines;
  std::map<std::string, Tensor> gradients;

 private:
  std::vector<std::pair<std::string, Tensor>> leaves_;
};

TEST_CASE("a leaf that late ops alone use is final before the walk comes to early ones") {
  Scribe scribe;
  const Tensor x = scribe.leaf("x", 2);
  const Tensor w1 = scribe.leaf("w1", 3);
  const Tensor w2 = scribe.leaf("w2", 5);
  const Tensor h1 = scribe.mark(x * w1, "h1");
  const Tensor h2 = scribe.mark(h1 * w2, "h2");
  backward({h2}, {}, scribe.options());
  CHECK(scribe.lines == Lines{"h2", "w2", "h1", "x", "w1"});
  CHECK(scribe.gradients.at("w2").item() == 6);
  CHECK(scribe.was_final());
}

TEST_CASE("a leaf with many uses is final after the oldest of them") {
  Scribe scribe;
  const Tensor w = scribe.leaf("w", 2);
  const Tensor late = scribe.leaf("late", 3);
  const Tensor a = scribe.mark(w * w, "a");
  const Tensor b = scribe.mark(a * w, "b");
  const Tensor c = scribe.mark(b * late, "c");
  const Tensor d = scribe.mark(c * w, "d");
  backward({d}, {}, scribe.options());
  CHECK(scribe.lines == Lines{"d", "c", "late", "b", "a", "w"});
  CHECK(scribe.gradients.at("w").item() == 4 * 8 * 3);  // of 3 w^4
  CHECK(scribe.was_final());
}

TEST_CASE("of several outputs each may use a leaf, and one may be a leaf itself") {
  Scribe scribe;
  const Tensor x = scribe.leaf("x", 2);
  const Tensor y = scribe.leaf("y", 3);
  const Tensor z = scribe.leaf("z", 4);
  const Tensor old = scribe.mark(x * y, "old");
  const Tensor young = scribe.mark(y * z, "young");
  backward({young, x, old, z}, {}, scribe.options());
  CHECK(scribe.lines == Lines{"young", "z", "old", "x", "y"});
  CHECK(scribe.gradients.at("x").item() == 4);
  CHECK(scribe.gradients.at("y").item() == 6);
  CHECK(scribe.gradients.at("z").item() == 4);
  CHECK(scribe.was_final());
}

TEST_CASE("a leaf without a gradient is not heard of, nor one that nobody holds any more") {
  Scribe scribe;
  const Tensor x = scribe.leaf("x", 2);
  const Tensor unused = scribe.leaf("unused", 2);
  const Tensor ignored = scribe.leaf("ignored", 2);
  const Op op = Op::unchecked("ignores", "returns no gradient for its second input");
  Tensor y = record(op, {x, ignored}, x.detach().clone(), [](const Backward& b) -> Gradients {
    return {b.grad(), Tensor()};
  });
  {
    const Tensor dropped = scalar(3, DType::float64).set_requires_grad();
    y = y + dropped;
  }
  backward({y}, {}, scribe.options());
  CHECK(scribe.lines == Lines{"x"});
}

TEST_CASE("what was accumulated before is a part of what is final") {
  Scribe scribe;
  const Tensor x = scribe.leaf("x", 3);
  (x * x).backward();
  x.register_hook([](const Gradient& gradient) { return gradient.dense() * 10.0; });
  backward({x * x}, {}, scribe.options());
  CHECK(scribe.gradients.at("x").item() == 6 + 60);
}

TEST_CASE("the gradient of an embedding's table is final as rows") {
  Tensor table = zeros({9, 2}).set_requires_grad();
  const Tensor ids = tensor<std::int64_t>({4, 1, 4}, {3});
  const Tensor loss = sum(embedding(ids, table)) + sum(embedding(ids, table));
  bool rows = false;
  backward({loss}, {}, {.on_final = [&](const Tensor& leaf) {
             rows = leaf.gradient().is_rows() && leaf.gradient().ids().numel() == 6;
           }});
  CHECK(rows);
}

/// A stack of layers h' = tanh(h W^T + b) with a shared input weight; in checkpoints, which may be
/// nested, if `every` > 0.
struct Stack {
  explicit Stack(Scribe& scribe) {
    Generator generator(1);
    x = scribe.leaf("x", randn({5, 4}, generator));
    shared = scribe.leaf("shared", randn({4, 4}, generator));
    for (int layer = 0; layer < 6; ++layer) {
      weights.push_back(scribe.leaf(fmt::format("w{}", layer), randn({4, 4}, generator)));
      biases.push_back(scribe.leaf(fmt::format("b{}", layer), randn({4}, generator)));
    }
  }

  Tensor layer(const Tensor& h, std::size_t number) const {
    const Tensor in = number % 3 == 0 ? linear(h, shared) : h;
    return tanh(linear(in, weights[number], biases[number]));
  }

  Tensor loss(Scribe& scribe, bool checkpointed) const {
    Tensor h = x;
    for (std::size_t piece = 0; piece < 3; ++piece) {
      const auto inner = [this, piece](const std::vector<Tensor>& in) {
        return std::vector{layer(in[0], 2 * piece)};
      };
      const auto outer = [this, piece, inner](const std::vector<Tensor>& in) {
        return std::vector{layer(checkpoint(inner, in)[0], 2 * piece + 1)};
      };
      h = checkpointed ? checkpoint(outer, {h})[0] : layer(layer(h, 2 * piece), 2 * piece + 1);
      scribe.mark(h, fmt::format("piece {}", piece));
    }
    return sum(h * h);
  }

  Tensor x;
  Tensor shared;
  std::vector<Tensor> weights;
  std::vector<Tensor> biases;
};

TEST_CASE("a listener changes no bit, with and without checkpoints") {
  std::map<std::string, Tensor> expected;
  for (const bool listening : {false, true}) {
    for (const bool checkpointed : {false, true}) {
      Scribe scribe;
      const Stack stack(scribe);
      const Tensor loss = stack.loss(scribe, checkpointed);
      if (listening) {
        backward({loss}, {}, scribe.options());
        CHECK(scribe.was_final());
        CHECK(scribe.gradients.size() == 14);
      } else {
        backward({loss});
      }
      for (std::size_t i = 0; i < stack.weights.size(); ++i) {
        const Tensor& w = stack.weights[i];
        CHECK(identical(expected.emplace(std::to_string(i), w.grad()).first->second, w.grad()));
      }
      const Tensor& shared = stack.shared;
      CHECK(identical(expected.emplace("shared", shared.grad()).first->second, shared.grad()));
    }
  }
}

TEST_CASE("what checkpoints alone use is final when they have been walked, in the same order") {
  Lines before;
  for (int run = 0; run < 2; ++run) {
    Scribe scribe;
    const Stack stack(scribe);
    backward({stack.loss(scribe, true)}, {}, scribe.options());
    const auto place = [&](const std::string& line) {
      return std::ranges::find(scribe.lines, line) - scribe.lines.begin();
    };
    CHECK(place("piece 2") < place("w5"));
    CHECK(place("w5") < place("piece 1"));
    CHECK(place("w4") < place("piece 1"));
    CHECK(place("piece 1") < place("w2"));
    CHECK(place("w2") < place("piece 0"));
    CHECK(place("piece 0") < place("shared"));  // layers 0 and 3
    CHECK((run == 0 || scribe.lines == before));
    before = scribe.lines;
  }
}

TEST_CASE("a checkpoint that uses another leaf the second time cannot break the promise silently") {
  Scribe scribe;
  const Tensor x = scribe.leaf("x", 2);
  const Tensor w = scribe.leaf("w", 3);
  int calls = 0;
  const auto changes_its_mind = [&](const std::vector<Tensor>& in) {
    return std::vector{calls++ == 0 ? in[0] * 2.0 : in[0] * w};
  };
  const Tensor y = checkpoint(changes_its_mind, {x})[0] * w;
  CHECK_THROWS_WITH(backward({y}, {}, scribe.options()),
                    "backward: a leaf was sent a gradient after its last; got shape []; hint: did "
                    "the function of a checkpoint use another parameter when it was run again?");
}

TEST_CASE("a listener that throws ends the walk and leaves the graph whole") {
  const std::int64_t nodes = live_nodes();
  {
    Tensor x = scalar(2, DType::float64).set_requires_grad();
    Tensor w = scalar(3, DType::float64).set_requires_grad();
    const Tensor y = (x * x) * w;
    const auto listener = [](const Tensor&) { throw Error("listener: on purpose"); };
    CHECK_THROWS_WITH(backward({y}, {}, {.retain_graph = true, .on_final = listener}),
                      "listener: on purpose");
    CHECK(grad_enabled());
    CHECK_FALSE(walking());
    CHECK(w.grad().item() == 4);
    CHECK_FALSE(x.grad().defined());
    w.zero_grad();
    backward({y});
    CHECK(w.grad().item() == 4);
    CHECK(x.grad().item() == 12);
  }
  CHECK(live_nodes() == nodes);
}

TEST_CASE("a listener may replace the gradient, and walk other graphs, unrecorded") {
  const Tensor x = scalar(2, DType::float64).set_requires_grad();
  const Tensor w = scalar(3, DType::float64).set_requires_grad();
  int heard = 0;
  backward({x * w}, {}, {.on_final = [&](Tensor leaf) {
             ++heard;
             CHECK(walking());
             CHECK_FALSE(grad_enabled());
             const GradModeGuard recording(true);
             CHECK(grad({x * x}, {x})[0].item() == 4);
             leaf.set_gradient(leaf.grad().detach() * 2.0);
           }});
  CHECK(heard == 2);
  CHECK(x.grad().item() == 6);
  CHECK(w.grad().item() == 4);
}

TEST_CASE("under create_graph the leaves are heard of too") {
  Scribe scribe;
  Tensor x = scribe.leaf("x", 2);
  BackwardOptions options = scribe.options();
  options.create_graph = true;
  backward({x * x * x}, {}, options);
  CHECK(scribe.lines == Lines{"x"});
  CHECK(x.grad().item() == 12);
  CHECK(grad({x.grad()}, {x})[0].item() == 12);
  x.zero_grad();  // breaks the cycle
}

/// Random graphs over a few leaves, each used many times or not at all.
TEST_CASE("in random graphs every leaf is heard of once, with its last gradient") {
  Generator generator(3);
  const auto below = [&](std::size_t n) {
    return std::min(n - 1, static_cast<std::size_t>(generator.uniform() * static_cast<double>(n)));
  };
  for (int graph = 0; graph < 200; ++graph) {
    Scribe scribe;
    std::vector<Tensor> values;
    for (int leaf = 0; leaf < 5; ++leaf) {
      values.push_back(scribe.leaf(std::to_string(leaf), randn({3}, generator)));
    }
    for (int op = 0; op < 30; ++op) {
      const Tensor a = values[below(values.size())];
      const Tensor b = values[below(values.size())];
      const auto f = [](const std::vector<Tensor>& in) { return std::vector{tanh(in[0]) * in[1]}; };
      values.push_back(below(3) == 0 ? checkpoint(f, {a, b})[0] : a * b);
    }
    const std::vector<Tensor> outputs = {sum(values.back()), sum(values[below(values.size())])};
    BackwardOptions options = scribe.options();
    options.retain_graph = true;
    backward(outputs, {}, options);
    CHECK(scribe.was_final());
    for (const auto& [name, gradient] : scribe.gradients) {
      Tensor leaf = values[static_cast<std::size_t>(std::stoi(name))];
      leaf.zero_grad();
    }
    backward(outputs);
    CHECK(scribe.was_final());  // the same bits without a listener
  }
}

}  // namespace
}  // namespace weft
