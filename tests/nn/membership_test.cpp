#include "nn/membership.hpp"

#include <thread>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "nn/linear.hpp"
#include "optim/sgd.hpp"
#include "tests/catch.hpp"

namespace weft::nn {
namespace {

using Catch::Matchers::Contains;

/// 9 of its 13 parameters are registered.
struct Forgetful : Module {
  Forgetful() { child("hidden", hidden); }
  Tensor forward(const Tensor& x) const { return output.forward(tanh(hidden.forward(x))); }
  Linear hidden{2, 3}, output{3, 1};
};

const Tensor x = ones({1, 2});

TEST_CASE("an unregistered member is detected at its first use in training") {
  const Forgetful model;
  CHECK_NOTHROW(model.forward(x));  // no parameters were requested yet
  const optim::SGD optimizer(model.named_parameters(), {.lr = 0.1});
  CHECK_THROWS_WITH(model.forward(x),
                    Contains("weft::nn::Linear: ") && Contains("no child() registers") &&
                        Contains("Forgetful") && Contains("got weight [1, 3], bias [1]") &&
                        Contains("; hint: child("));
}

TEST_CASE("so is one inside a child, and one on the heap") {
  struct Block : Module {
    Block() : inner(std::make_unique<Linear>(2, 2)) { child("outer", outer); }
    Tensor forward(const Tensor& t) const { return outer.forward(inner->forward(t)); }
    std::unique_ptr<Linear> inner;
    Linear outer{2, 2};
  };
  struct Model : Module {
    Model() { child("block", block); }
    Block block;
  };
  const Model model;
  const std::vector<Tensor> parameters = model.parameters();
  CHECK_THROWS_WITH(model.block.forward(x), Contains("Block"));
}

TEST_CASE("so is one whose own children are registered") {
  struct Block : Module {
    Block() { child("inner", inner); }
    Tensor forward(const Tensor& t) const { return inner.forward(t); }
    Linear inner{2, 2};
  };
  struct Model : Module {
    Model() { child("head", head); }
    Block block;
    Linear head{2, 2};
  };
  const Model model;
  const NamedTensors state = model.state();  // what a file of it would have
  CHECK_THROWS_WITH(model.block.forward(x), Contains("no child() registers"));
}

TEST_CASE("so is one that the forward of a module without children calls") {
  struct Scaled : Module {
    Scaled() : scale(parameter("scale", {1})) {}
    Tensor forward(const Tensor& t) const {
      const Forward call(*this);
      return call.output(inner.forward(t) * scale);
    }
    Tensor scale;
    Linear inner{2, 2};
  };
  const Scaled model;
  const std::vector<Tensor> parameters = model.parameters();
  CHECK_THROWS_WITH(model.forward(x), Contains("no child() registers"));
}

TEST_CASE("a module may be left out on purpose") {
  Forgetful frozen;
  frozen.output.weight.set_requires_grad(false);
  frozen.output.bias.set_requires_grad(false);
  const std::vector<Tensor> own = frozen.parameters();
  CHECK_NOTHROW(frozen.forward(x));

  const Forgetful apart;
  const std::vector<Tensor> some = apart.parameters();
  const std::vector<Tensor> others = apart.output.parameters();  // for an optimizer of its own
  CHECK_NOTHROW(apart.forward(x));

  const Forgetful unrecorded;
  const std::vector<Tensor> all = unrecorded.parameters();
  const NoGradGuard guard;
  CHECK_NOTHROW(unrecorded.forward(x));
}

/// A module that gets its children after its construction.
struct Sequence : Module {
  void add() {
    parts.push_back(std::make_unique<Linear>(2, 2));
    child(std::to_string(parts.size()), *parts.back());
  }
  Tensor forward(Tensor t) const {
    const Forward call(*this);
    for (const auto& part : parts) {
      t = part->forward(t);
    }
    return t;
  }
  std::vector<std::unique_ptr<Linear>> parts;
};

TEST_CASE("modules constructed side by side do not belong to each other") {
  Sequence encoder;
  Sequence decoder;
  const Linear head(2, 2);
  encoder.add();
  decoder.add();
  std::vector<Tensor> all = encoder.parameters();
  for (const auto& more : {decoder.parameters(), head.parameters()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  CHECK_NOTHROW(head.forward(decoder.forward(encoder.forward(x))));
  const Linear later(2, 2);
  CHECK_NOTHROW(later.forward(x));
}

TEST_CASE("a module that another one registers may be shared") {
  struct Borrower : Module {
    explicit Borrower(const Linear& table) : shared(table) { child("own", own); }
    Tensor forward(const Tensor& t) const {
      const Forward call(*this);
      return call.output(own.forward(shared.forward(t)));
    }
    Linear own{2, 2};
    const Linear& shared;
  };
  struct Model : Module {
    Model() : borrower(table) { child("table", table), child("borrower", borrower); }
    Linear table{2, 2};
    Borrower borrower;
  };
  const Model model;
  const std::vector<Tensor> parameters = model.parameters();
  CHECK_NOTHROW(model.borrower.forward(x));
}

TEST_CASE("a module may be destroyed in another thread, and before a module it claimed") {
  auto model = std::make_unique<Forgetful>();
  std::thread([&model] { model.reset(); }).join();
  const Linear next(2, 2);
  CHECK_NOTHROW(next.forward(x));

  std::unique_ptr<Linear> part;
  {
    struct Lender : Module {
      explicit Lender(std::unique_ptr<Linear>& out) {
        out = std::make_unique<Linear>(2, 2);
        child("own", own);
      }
      Linear own{2, 2};
    };
    const Lender lender(part);
    const std::vector<Tensor> parameters = lender.parameters();
  }
  CHECK_NOTHROW(part->forward(x));
}

}  // namespace
}  // namespace weft::nn
