#include "nn/attention.hpp"

#include "autograd/tape.hpp"
#include "nn/mask.hpp"
#include "tests/catch.hpp"
#include "tests/fixtures/fixture.hpp"

namespace weft::nn {
namespace {

using weft::testing::check_close;
using weft::testing::Fixture;

TEST_CASE("AdditiveAttention agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  for (const auto& [name, energy] :
       {std::pair{"attention_tanh", Energy::tanh}, std::pair{"attention_relu", Energy::relu}}) {
    INFO(name << " " << weft::name(dtype));
    const Fixture fixture(name, dtype);
    AdditiveAttention attention(4, 6, 7, energy);
    attention.to(dtype);
    attention.load_state(fixture.like(attention.state()));
    const Tensor q = fixture.leaf("q");
    const Tensor values = fixture.leaf("values");

    const auto [context, weights] =
        attention.forward(q, attention.project_keys(values), values,
                          padding_mask(fixture["lengths"], values.size(0)));
    check_close("context", context, fixture["context"]);
    check_close("weights", weights, fixture["weights"]);
    backward({context, weights}, {fixture["cotangent.context"], fixture["cotangent.weights"]});
    check_close("gradient of q", q.grad(), fixture["grad.q"]);
    check_close("gradient of values", values.grad(), fixture["grad.values"]);
    for (const auto& [parameter_name, parameter] : attention.named_parameters()) {
      check_close("gradient of " + parameter_name, parameter.grad(),
                  fixture["grad." + parameter_name]);
    }
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
                    "AdditiveAttention: wrong shape of padding; got [2]; expected [3, 2]");
  CHECK_THROWS_WITH(attention.forward(q, keys, values, ones({3, 2})),
                    "AdditiveAttention: wrong dtype of padding; got float32; expected bool");
  CHECK_THROWS_WITH(
      attention.forward(q, keys, values,
                        bool_tensor({false, true, false, true, true, true}, {3, 2})),
      "AdditiveAttention: row 1 is nothing but padding; expected a place to attend to");
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
