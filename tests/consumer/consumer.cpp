// Builds on an installed weft: checks an op and a module of its own, and trains a model of its own.
// Ends with status 1 if anything is not as it should be.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "autograd/gradcheck/gradcheck.hpp"
#include "autograd/kernels/elementwise.hpp"
#include "autograd/kernels/math.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "nn/linear.hpp"
#include "nn/safetensors.hpp"
#include "optim/adam.hpp"

namespace {

using weft::Tensor;

Tensor lisht(const Tensor& x);

// The linearly scaled tanh (Roy et al. 2019, arXiv:1901.05894), elementwise:
//   y = x t with t = tanh(x);  dx = g (t + x (1 - t^2))
const weft::Op lisht_op("lisht",
                        [](weft::Sampler& s) -> weft::Sample {
                          return {{s.normal(s.shape())}, [](const auto& x) { return lisht(x[0]); }};
                        },
                        {{[] { lisht(weft::arange(2)); }, "lisht: unsupported dtype; got int64"}});

Tensor lisht(const Tensor& x) {
  Tensor y = weft::empty(x.shape(), x.dtype());
  weft::dispatch_floating("lisht", x.dtype(), [&]<class T>() {
    weft::kernels::map(x.data<T>(), y.mutable_data<T>(),
                       [](T v) { return v * weft::kernels::tanh(v); });
  });
  return record(lisht_op, {x}, y, [x = weft::Saved(x)](const weft::Backward& b) -> weft::Gradients {
    const Tensor t = tanh(*x);
    return {b.grad() * (t + *x * (1 - t * t))};
  });
}

/// x + W2 lisht(W1 x): a feed-forward block with a shortcut, [..., width] -> [..., width].
struct Block : weft::nn::Module {
  Block(std::int64_t width, std::int64_t hidden) : in(width, hidden), out(hidden, width) {
    child("in", in);
    child("out", out);
  }
  Tensor forward(const Tensor& x) const {
    const weft::nn::Forward call(*this);
    return call.output(x + out.forward(lisht(in.forward(x))));
  }
  weft::nn::Linear in, out;
};

/// Two blocks and a scalar of each row: [N, 2] -> [N, 1].
struct Model : weft::nn::Module {
  Model() {
    child("first", first);
    child("second", second);
    child("head", head);
  }
  Tensor forward(const Tensor& x) const { return head.forward(second.forward(first.forward(x))); }
  Block first{2, 16}, second{2, 16};
  weft::nn::Linear head{2, 1};
};

/// Learns x0 x1; the mean squared errors before and after.
std::pair<double, double> train(Model& model) {
  weft::Generator generator(1);
  const Tensor x = weft::randn({64, 2}, generator);
  const std::vector<Tensor> columns = weft::split(x, {1, 1}, 1);
  const Tensor y = columns[0] * columns[1];  // [64, 1]
  weft::optim::Adam optimizer(model.named_parameters(), {.lr = 0.02});
  const auto loss = [&] {
    const Tensor error = model.forward(x) - y;
    return weft::mean(error * error);
  };
  const double before = loss().item();
  for (int step = 0; step < 200; ++step) {
    optimizer.zero_grad();
    loss().backward();
    optimizer.step();
  }
  return {before, loss().item()};
}

bool check_block() {
  Block block(3, 4);
  int calls = 0;
  block.register_forward_hook([&calls](const auto&, const auto&) { ++calls; }).remove();
  block.register_forward_hook([&calls](const auto&, const auto&) { ++calls; });
  block.forward(weft::zeros({1, 3}));
  if (calls != 1) {
    fmt::print("a forward hook was called {} times; expected once\n", calls);
    return false;
  }
  block.to(weft::DType::float64);
  weft::Generator generator(2);
  std::vector<Tensor> inputs = block.parameters();
  inputs.push_back(weft::randn({2, 3}, generator, weft::DType::float64).set_requires_grad());
  const weft::GradcheckResult result = weft::gradcheck(
      [&](const std::vector<Tensor>& x) { return std::vector{block.forward(x.back())}; }, inputs);
  fmt::print("block: {}\n", result.ok() ? "gradients are right" : result.failure);
  return result.ok();
}

bool check_lisht() {
  const weft::OpReport report = weft::check_op(lisht_op, 50);
  fmt::print("lisht: {}\n",
             report.failures.empty() ? "gradients are right" : report.failures.front());
  return report.failures.empty();
}

/// With "sweep", all of weft's ops have to be there, also those that nothing here uses.
bool check_registry(bool sweep) {
  const std::vector<const weft::Op*> ops = weft::registered_ops();
  const auto has = [&ops](std::string_view name) {
    return std::ranges::find(ops, name, &weft::Op::name) != ops.end();
  };
  fmt::print("ops in this program: {}\n", ops.size());
  return has("lisht") && (!sweep || has("weighted_sum"));
}

/// A model that is saved and loaded computes the same.
bool check_file(const Model& model, const std::string& path) {
  weft::nn::save(path, model);
  Model loaded;
  weft::nn::load(path, loaded);
  const Tensor x = weft::ones({1, 2});
  const bool same = identical(loaded.forward(x), model.forward(x));
  fmt::print("{}: {}\n", path, same ? "the same model" : "another model");
  return same;
}

}  // namespace

int main(int argc, char** argv) {
  weft::manual_seed(1);
  Model model;
  const auto [before, after] = train(model);
  fmt::print("loss: {:.4f} before, {:.4f} after\n", before, after);
  const bool ok = check_lisht() && check_block() && after < before / 10 &&
                  check_file(model, std::string(argv[0]) + ".safetensors") &&
                  check_registry(argc > 1 && std::string_view(argv[1]) == "sweep");
  return ok ? 0 : 1;
}
