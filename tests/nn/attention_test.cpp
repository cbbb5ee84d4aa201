#include "nn/attention.hpp"

#include <memory>

#include "nn/mask.hpp"
#include "tests/catch.hpp"
#include "tests/fixtures/fixture.hpp"
#include "tests/nn/against_pytorch.hpp"

namespace weft::nn {
namespace {

using weft::testing::Fixture;

std::unique_ptr<Attention> make(const std::string& fixture_name) {
  if (fixture_name == "attention_dot") {
    return std::make_unique<DotAttention>();
  }
  if (fixture_name == "attention_scaled_dot") {
    return std::make_unique<ScaledDotAttention>();
  }
  if (fixture_name == "attention_general") {
    return std::make_unique<GeneralAttention>(4, 6);
  }
  return std::make_unique<AdditiveAttention>(
      4, 6, 7, fixture_name == "attention_tanh" ? Energy::tanh : Energy::relu);
}

TEST_CASE("attention of every kind agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  for (const std::string name : {"attention_dot", "attention_scaled_dot", "attention_general",
                                 "attention_tanh", "attention_relu"}) {
    const std::unique_ptr<Attention> attention = make(name);
    check_against_pytorch(*attention, name, dtype, {"q", "values"}, {"context", "weights"},
                          [&](const Fixture& fixture, const std::vector<Tensor>& x) {
                            const auto [context, weights] =
                                attention->forward(x[0], attention->project_keys(x[1]), x[1],
                                                   padding_mask(fixture["lengths"], x[1].size(0)));
                            return std::vector{context, weights};
                          });
  }
}

TEST_CASE("attention: the content of padding changes no bit and has no gradient") {
  manual_seed(2);
  AdditiveAttention attention(4, 6, 7);
  Generator generator(5);
  const Tensor q = randn({2, 4}, generator);
  const Tensor content = randn({3, 2, 6}, generator);
  const Tensor cotangent = randn({2, 6}, generator);
  const Tensor padding = padding_mask(tensor<std::int64_t>({1, 3}, {2}), 3);

  std::vector<std::vector<Tensor>> runs;
  for (const float value : {0.0F, -3.5F, 1e10F}) {
    Tensor values = masked_fill(content, reshape(padding, {3, 2, 1}), value).set_requires_grad();
    attention.zero_grad();
    const auto [context, weights] =
        attention.forward(q, attention.project_keys(values), values, padding);
    context.backward(cotangent);
    CHECK(identical(narrow(narrow(weights, 1, 0, 1), 0, 1, 2), zeros({2, 1})));
    const Tensor at_padding = narrow(narrow(values.grad(), 1, 0, 1), 0, 1, 2);
    CHECK(at_padding.to_vector<float>() == std::vector<float>(12, 0.0F));
    runs.push_back({context, weights});
    for (const Tensor& parameter : attention.parameters()) {
      runs.back().push_back(parameter.grad());
    }
  }
  for (const std::vector<Tensor>& run : runs) {
    for (std::size_t i = 0; i < run.size(); ++i) {
      CHECK(identical(run[i], runs[0][i]));
    }
  }
}

TEST_CASE("weights of a column sum to one, with a mask or without") {
  const AdditiveAttention attention(4, 6, 7);
  Generator generator(6);
  const Tensor q = randn({2, 4}, generator);
  const Tensor values = randn({3, 2, 6}, generator);
  const Tensor keys = attention.project_keys(values);
  for (const Tensor& padding : {Tensor(), padding_mask(tensor<std::int64_t>({2, 3}, {2}), 3)}) {
    for (const float total :
         sum(attention.forward(q, keys, values, padding).weights, {0}).to_vector<float>()) {
      CHECK(total == Approx(1));
    }
  }
}

TEST_CASE("a padding mask that does not fit is refused") {
  const AdditiveAttention attention(4, 6, 7);
  const Tensor q = ones({2, 4});
  const Tensor values = ones({3, 2, 6});
  const Tensor keys = attention.project_keys(values);
  CHECK_THROWS_WITH(attention.forward(q, keys, values, bool_tensor({false, true}, {2})),
                    "attention: wrong shape of padding; got [2]; expected [3, 2]");
  CHECK_THROWS_WITH(attention.forward(q, keys, values, ones({3, 2})),
                    "attention: wrong dtype of padding; got float32; expected bool");
  CHECK_THROWS_WITH(
      attention.forward(q, keys, values,
                        bool_tensor({false, true, false, true, true, true}, {3, 2})),
      "attention: row 1 consists of padding only; expected at least one real position");
}

TEST_CASE("AdditiveAttention names its parameters, none of which begins at zero") {
  const AdditiveAttention attention(4, 6, 7);
  for (const auto& [name, parameter] : attention.named_parameters()) {
    INFO(name);
    CHECK_FALSE(identical(parameter.detach(), zeros(parameter.shape())));
  }
  const NamedTensors named = attention.named_parameters();
  REQUIRE(named.size() == 4);
  CHECK(named[0].first == "v");
  CHECK(named[1].first == "query.weight");
  CHECK(named[1].second.shape() == Shape{7, 4});
  CHECK(named[2].first == "key.weight");
  CHECK(named[2].second.shape() == Shape{7, 6});
  CHECK(named[3].first == "key.bias");
  CHECK_THROWS_AS(AdditiveAttention(4, 6, 0), Error);
}

}  // namespace
}  // namespace weft::nn
