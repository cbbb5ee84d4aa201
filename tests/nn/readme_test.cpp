// The snippets of nn/README.md, compiled and run; the last test finds each of them here.

#include "autograd/gradcheck/gradcheck.hpp"
#include "autograd/ops.hpp"
#include "nn/attention.hpp"
#include "nn/embedding.hpp"
#include "nn/gru.hpp"
#include "nn/init.hpp"
#include "nn/mask.hpp"
#include "nn/safetensors.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/snippets.hpp"

namespace weft::nn {
namespace {

struct Classifier : Module {
  Classifier() {
    child("embedding", embedding);
    child("output", output);
  }
  Tensor forward(const Tensor& ids) const {  // [T, B]
    const Forward call(*this);
    const Tensor bag = mean(embedding.forward(ids), {0});  // [B, 8]
    return call.output(output.forward(bag));               // [B, 3]
  }
  Embedding embedding{100, 8};
  Linear output{8, 3};
};

TEST_CASE("the README's module") {
  Classifier model;
  CHECK(model.named_parameters()[1].first == "output.weight");
  CHECK(model.num_parameters() == 100 * 8 + 8 * 3 + 3);
  const Tensor ids = zeros({5, 2}, DType::int64);
  CHECK(model.forward(ids).shape() == Shape{2, 3});

  HookHandle zero = model.register_forward_hook(
      [](const Module&, std::vector<Tensor>& outputs) { outputs[0] = outputs[0] * 0.0; });
  CHECK(sum(abs(model.forward(ids))).item() == 0);
  zero.remove();

  const std::string readme = testing::read_source("nn/README.md");
  CHECK(readme.find("```text\n" + to_string(model, "model") + "\n```") != std::string::npos);
}

TEST_CASE("the README's sequences") {
  manual_seed(1);
  const GRU gru(4, 6, 1, true);  // reads both ways
  const Tensor x = randn({5, 2, 4}, default_generator());
  const Tensor lengths = tensor<std::int64_t>({5, 3}, {2});
  const GRUOutput out = gru.forward(x, lengths);
  CHECK(out.output.shape() == Shape{5, 2, 12});
  CHECK(out.h_n.shape() == Shape{2, 2, 6});      // a final state for each direction
  const Tensor last = unbind(out.output)[4];     // [B, 12]
  CHECK(sum(abs(unbind(last)[1])).item() == 0);  // the second row ended at step 3
}

TEST_CASE("the README's attention") {
  manual_seed(1);
  const AdditiveAttention attention(3, 4, 8);
  const Tensor values = randn({5, 2, 4}, default_generator());  // [S, B, D]
  const Tensor keys = attention.project_keys(values);           // [S, B, A]
  const Tensor padding = padding_mask(tensor<std::int64_t>({5, 3}, {2}), 5);
  const Tensor queries = randn({3, 3}, default_generator());  // [N, Q]
  const Tensor rows = tensor<std::int64_t>({0, 1, 1}, {3});   // whose sentence each query reads
  const auto [context, weights] = attention.forward(queries, keys, values, padding, rows);
  CHECK(context.shape() == Shape{3, 4});
  CHECK(weights.shape() == Shape{5, 3});
  CHECK(unbind(unbind(weights)[4])[1].item() == 0);  // exactly 0 at padding
}

TEST_CASE("the README's file") {
  const data::TemporaryFolder folder;
  const std::string path = folder.path("linear.safetensors");
  const Linear saved(2, 3);
  save(path, saved);
  Linear loaded(2, 3);
  load(path, loaded);
  CHECK(identical(loaded.weight.detach(), saved.weight.detach()));
  Linear other(2, 4);
  CHECK_THROWS_AS(load(path, other), Error);  // names the file and the tensor
}

/// y = t * h + (1 - t) * x with h = tanh(W_h x + b_h) and the gate t = sigmoid(W_t x + b_t)
/// (Srivastava et al. 2015, arXiv:1505.00387, eq. 3).
class Highway : public Module {
 public:
  /// The gate's bias starts at -2, so that most of x passes at first (section 2.2).
  explicit Highway(std::int64_t size) : transform(size, size), gate(size, size) {
    child("transform", transform);
    child("gate", gate);
    init::constant_(gate.bias, -2);
  }

  /// x [..., size] -> the same shape.
  Tensor forward(const Tensor& x) const {
    const Forward call(*this);
    const Tensor h = tanh(transform.forward(x));
    const Tensor t = sigmoid(gate.forward(x));
    return call.output(t * h + (1.0 - t) * x);
  }

  Linear transform;  ///< W_h, b_h
  Linear gate;       ///< W_t, b_t
};

TEST_CASE("the README's layer") {
  manual_seed(1);
  Highway layer(3);
  layer.to(DType::float64);
  std::vector<Tensor> inputs = layer.parameters();
  inputs.push_back(randn({2, 3}, default_generator(), DType::float64).set_requires_grad());
  const GradcheckResult result = gradcheck(
      [&](const std::vector<Tensor>& x) { return std::vector{layer.forward(x.back())}; }, inputs);
  INFO(result.failure);
  CHECK(result.ok());
}

TEST_CASE("every snippet of the README is in this file") {
  CHECK(testing::check_snippets("nn/README.md", "tests/nn/readme_test.cpp") == 7);
}

}  // namespace
}  // namespace weft::nn
