// Ops that no module is made of yet, compared with what PyTorch computes (make_fixtures.py).

#include <functional>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "tests/fixtures/fixture.hpp"

namespace weft {
namespace {

using testing::Fixture;

/// Compares the result of `call` on the fixture's tensors `names`, and all their gradients.
void check(const std::string& fixture_name, const std::vector<std::string>& names,
           const std::function<Tensor(const std::vector<Tensor>&)>& call) {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  INFO(fixture_name << " " << name(dtype));
  const Fixture fixture(fixture_name, dtype);
  std::vector<Tensor> leaves;
  for (const std::string& leaf : names) {
    leaves.push_back(fixture.leaf(leaf));
  }
  const Tensor y = call(leaves);
  testing::check_close("output", y, fixture["output"]);
  backward({y}, {fixture["cotangent.output"]});
  for (std::size_t i = 0; i < names.size(); ++i) {
    testing::check_close("gradient of " + names[i], leaves[i].grad(), fixture["grad." + names[i]]);
  }
}

TEST_CASE("rms_norm agrees with PyTorch") {
  check("rms_norm", {"x", "weight"}, [](const auto& x) { return rms_norm(x[0], x[1]); });
}

TEST_CASE("scaled_dot_product_attention agrees with PyTorch") {
  const std::vector<std::string> names = {"query", "key", "value"};
  const auto attend = [](const AttentionOptions& options) {
    return [options](const std::vector<Tensor>& x) {
      return scaled_dot_product_attention(x[0], x[1], x[2], options);
    };
  };
  SECTION("all keys") { check("self_attention", names, attend({})); }
  SECTION("causal") { check("self_attention_causal", names, attend({.causal = true})); }
  SECTION("lengths") {
    check("self_attention_lengths", names,
          attend({.lengths = tensor<std::int64_t>({41, 53}, {2})}));
  }
}

TEST_CASE("convolutions agree with PyTorch") {
  const std::vector<std::string> names = {"x", "weight", "bias"};
  SECTION("one dimension") {
    check("conv1d", names, [](const auto& x) { return conv1d(x[0], x[1], x[2], 2, 1, 2); });
  }
  SECTION("two dimensions") {
    check("conv2d", names, [](const auto& x) { return conv2d(x[0], x[1], x[2]); });
  }
  SECTION("stride, padding, dilation, groups") {
    check("conv2d_strided", names, [](const auto& x) {
      return conv2d(x[0], x[1], x[2], {{2, 3}, {1, 2}, {2, 1}}, 2);
    });
  }
}

TEST_CASE("windows agree with PyTorch") {
  const Window window = {.stride = {2, 2}, .padding = {1, 1}};
  SECTION("max_pool2d") {
    check("max_pool2d", {"x"}, [&](const auto& x) { return max_pool2d(x[0], {3, 2}, window); });
  }
  SECTION("avg_pool2d") {
    check("avg_pool2d", {"x"}, [&](const auto& x) { return avg_pool2d(x[0], {3, 2}, window); });
  }
  SECTION("unfold") {
    check("unfold", {"x"}, [](const auto& x) {
      return unfold(x[0], {3, 2}, {{2, 1}, {1, 2}, {1, 2}});
    });
  }
}

}  // namespace
}  // namespace weft
