#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>

#include "autograd/engine.hpp"
#include "autograd/gradcheck/gradcheck.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

/// Samples per op: few for every change, many before a release (WEFT_LONG=1).
int samples() { return std::getenv("WEFT_LONG") != nullptr ? 200 : 20; }

/// The functions that ops.hpp declares as differentiable, and `clone`, a member of Tensor.
std::set<std::string> declared_ops() {
  std::ifstream header(WEFT_TESTS_DIR "/../autograd/ops.hpp");
  const std::regex declaration(R"(^(?:Tensor|std::vector<Tensor>) (\w+)\(.*)");
  std::set<std::string> names = {"clone"};
  std::smatch match;
  for (std::string line;
       std::getline(header, line) && line.find("not differentiable") > line.size();) {
    if (std::regex_match(line, match, declaration)) {
      names.insert(match[1]);
    }
  }
  return names;
}

TEST_CASE("every op that is declared is registered, once") {
  std::set<std::string> found;
  for (const Op* op : registered_ops()) {
    CHECK(found.insert(op->name()).second);
  }
  CHECK(found.erase("silu") == 1);  // the example of autograd/README.md, in readme_op_test.cpp
  CHECK(found == declared_ops());
}

TEST_CASE("every op has right gradients and its errors say what they should") {
  for (const Op* op : registered_ops()) {
    const OpReport report = check_op(*op, samples());
    CAPTURE(report.name, report.failures);
    CHECK(report.failures.empty());
    CHECK(report.error <= 1e-6);
    CHECK(report.second_error <= 1e-5);
    CHECK_FALSE(op->errors().empty());
  }
}

/// Outputs and gradients of one sample.
std::vector<Tensor> results(const Op& op, std::uint64_t seed) {
  Sampler sampler(seed);
  const Sample sample = op.sample(sampler);
  const std::vector<Tensor> outputs = sample.function(sample.inputs);
  std::vector<Tensor> cotangents;
  cotangents.reserve(outputs.size());
  for (const Tensor& output : outputs) {
    cotangents.push_back(randn(output.shape(), sampler.generator(), output.dtype()));
  }
  std::vector<Tensor> all =
      grad(outputs, sample.inputs, cotangents, {.create_graph = true, .allow_unused = true});
  std::ranges::copy(grad(outputs, sample.inputs, cotangents, {.allow_unused = true}),
                    std::back_inserter(all));
  std::ranges::copy(outputs, std::back_inserter(all));
  return all;
}

TEST_CASE("no op reads memory that nobody wrote") {
  for (const Op* op : registered_ops()) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const std::vector<Tensor> plain = results(*op, seed);
      fill_fresh_buffers_with_nan(true);
      const std::vector<Tensor> with_nan = results(*op, seed);
      fill_fresh_buffers_with_nan(false);
      CAPTURE(op->name(), seed);
      CHECK(std::ranges::equal(plain, with_nan, [](const Tensor& a, const Tensor& b) {
        return a.defined() == b.defined() && (!a.defined() || identical(a, b));
      }));
    }
  }
}

TEST_CASE("no op leaves nodes or memory behind") {
  for (const Op* op : registered_ops()) {
    const std::int64_t nodes = live_nodes();
    const std::size_t bytes = memory_stats().live;
    check_op(*op, 2);
    CAPTURE(op->name());
    CHECK(live_nodes() == nodes);
    CHECK(memory_stats().live == bytes);
  }
}

/// A float32 leaf, large enough to be worth several threads.
Tensor large(const Shape& shape, std::uint64_t seed) {
  Generator generator(seed);
  return randn(shape, generator).set_requires_grad();
}

/// All gradients of the sum of tanh of `f`, and its outputs, concatenated.
Tensor everything(const TensorFunction& f, const std::vector<Tensor>& inputs) {
  std::vector<Tensor> flat;
  std::vector<Tensor> outputs = f(inputs);
  std::vector<Tensor> cotangents;
  for (const Tensor& output : outputs) {
    flat.push_back(reshape(output.detach(), {-1}));
    cotangents.push_back(tanh(output.detach()));
  }
  for (const Tensor& gradient : grad(outputs, inputs, cotangents)) {
    flat.push_back(reshape(gradient, {-1}));
  }
  return cat(flat, 0);
}

TEST_CASE("the bits of every kernel are those of one thread") {
  const auto check = [](const std::vector<Tensor>& inputs, const TensorFunction& f) {
    testing::check_same_bits_with_any_threads([&] { return everything(f, inputs); });
  };
  using X = const std::vector<Tensor>&;
  const Tensor x = large({70, 1001}, 1);
  const Tensor row = large({1001}, 2);
  const Tensor mask = gt(row, 0);
  check({x, row}, [&](X t) {
    return std::vector{t[0] + t[1],
                       t[0] - t[1],
                       t[0] * t[1],
                       t[0] / (t[1] * t[1] + 1.0),
                       -t[0],
                       where(mask, t[0], t[1]),
                       masked_fill(t[0], mask, 0)};
  });
  check({x}, [](X t) {
    Generator generator(3);
    return std::vector{exp(t[0]),  log(t[0] * t[0] + 1.0),       tanh(t[0]), sigmoid(t[0]),
                       relu(t[0]), dropout(t[0], 0.3, generator)};
  });
  check({x}, [](X t) { return std::vector{sum(t[0]), sum(t[0], {0}), mean(t[0], {1})}; });
  check({x, row}, [](X t) {
    return std::vector{maximum(t[0], t[1]), minimum(t[0], t[1]), pow(exp(t[1]), t[0])};
  });
  check({x}, [](X t) {
    return std::vector{sqrt(square(t[0])), abs(t[0]),       clamp(t[0], -1, 1), sin(t[0]),
                       cos(t[0]),          erf(t[0]),       log1p(exp(t[0])),   gelu(t[0]),
                       softplus(t[0]),     cumsum(t[0], 1), flip(t[0], 0)};
  });
  check({x}, [](X t) {
    return std::vector{var(t[0], {1}), norm(t[0], {0}), max(t[0], 0), min(t[0], 1)};
  });
  check({x}, [](X t) {
    return std::vector{softmax(t[0], 0), log_softmax(t[0], 1), logsumexp(t[0], 1)};
  });
  check({x}, [](X t) { return std::vector{cross_entropy(t[0], arange(70))}; });
  check({x}, [](X t) {
    return std::vector{transpose(t[0], 0, 1), index_select(t[0], 0, arange(9))};
  });
  check({x, large({300, 1001}, 4), large({300}, 5)},
        [](X t) { return std::vector{linear(t[0], t[1], t[2])}; });
  check({large({3, 70, 200}, 6), large({3, 200, 90}, 7)},
        [](X t) { return std::vector{matmul(t[0], t[1])}; });
  check({x, large({1001}, 16), row}, [](X t) { return std::vector{layer_norm(t[0], t[1], t[2])}; });
  check({large({64, 768}, 8), large({64, 768}, 9), large({64, 256}, 10)},
        [](X t) { return std::vector{gru_cell(t[0], t[1], t[2])}; });
  check({large({64, 1024}, 17), large({64, 1024}, 18), large({64, 256}, 10)}, [](X t) {
    return lstm_cell(t[0], t[1], zeros({64, 256}), t[2]);
  });
  for (const Energy energy : {Energy::tanh, Energy::relu}) {
    check({large({16, 100}, 11), large({30, 16, 100}, 12), large({100}, 13)},
          [=](X t) { return std::vector{additive_scores(t[0], t[1], t[2], energy)}; });
  }
  check({large({30, 16}, 14), large({30, 16, 200}, 15)},
        [](X t) { return std::vector{weighted_sum(t[0], t[1])}; });
  testing::check_same_bits_with_any_threads([&] { return argmax(x); });
}

}  // namespace
}  // namespace weft
