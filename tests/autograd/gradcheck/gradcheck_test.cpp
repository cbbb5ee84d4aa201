#include "autograd/gradcheck/gradcheck.hpp"

#include <cmath>
#include <stdexcept>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

/// x^2 with the derivative that `derivative` computes from g and x.
template <class F>
TensorFunction square_with(const Op& op, F derivative) {
  return [&op, derivative](const std::vector<Tensor>& x) {
    const Tensor y = x[0].detach() * x[0].detach();
    return std::vector{
        record(op, {x[0]}, y, [derivative, saved = Saved(x[0])](const Backward& backward) {
          return Gradients{derivative(backward.grad(), *saved)};
        })};
  };
}

const Op& planted() {
  static const Op op = Op::unchecked("planted", "its derivative is wrong on purpose");
  return op;
}

std::vector<Tensor> example() {
  return {tensor<double>({0.5, -1.5, 2, 1}, {2, 2}).set_requires_grad()};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("gradcheck accepts the right derivative") {
  const auto f =
      square_with(planted(), [](const Tensor& g, const Tensor& x) { return g * x * 2.0; });
  const GradcheckResult result = gradcheck(f, example());
  CHECK(result.ok());
  CHECK(result.error < 1e-8);
  CHECK(result.second_error < 1e-8);
}

TEST_CASE("gradcheck finds planted errors of the first order") {
  using Derivative = std::function<Tensor(const Tensor&, const Tensor&)>;
  const auto [name, derivative] = GENERATE(table<std::string, Derivative>({
      {"factor", [](const Tensor& g, const Tensor& x) { return g * x; }},
      {"sign", [](const Tensor& g, const Tensor& x) { return g * x * -2.0; }},
      {"missing term", [](const Tensor& g, const Tensor& x) { return g * x * 2.0 - g * 1e-4; }},
      {"no gradient", [](const Tensor&, const Tensor&) { return Tensor(); }},
      {"cotangent left out", [](const Tensor&, const Tensor& x) { return x * 2.0; }},
      {"transposed", [](const Tensor& g, const Tensor& x) { return transpose(g * x * 2.0, 0, 1); }},
      {"not a number", [](const Tensor& g, const Tensor& x) { return g * x * 2.0 / 0.0 * 0.0; }},
      {"one element",
       [](const Tensor& g, const Tensor& x) {
         const Tensor last = bool_tensor({false, false, false, true}, {2, 2});
         return where(last, g * x * 2.001, g * x * 2.0);
       }},
  }));
  CAPTURE(name);
  const GradcheckResult result = gradcheck(square_with(planted(), derivative), example());
  CHECK_FALSE(result.ok());
  CHECK(contains(result.failure, "first order"));
}

TEST_CASE("gradcheck finds errors that only the second order has") {
  const auto constant = [](const Tensor& g, const Tensor& x) { return g * x.detach() * 2.0; };
  const GradcheckResult result = gradcheck(square_with(planted(), constant), example());
  CHECK(result.error < 1e-8);
  CHECK(contains(result.failure, "second order"));
  CHECK(gradcheck(square_with(planted(), constant), example(), {.second_order = false}).ok());

  const auto cut = [](const Tensor& g, const Tensor& x) { return g.detach() * x * 2.0; };
  CHECK(contains(gradcheck(square_with(planted(), cut), example()).failure, "second order"));
}

TEST_CASE("a failure tells where and how much") {
  const auto last = bool_tensor({false, false, false, true}, {2, 2});
  const auto f = [&](const std::vector<Tensor>& x) {
    const auto wrong = square_with(planted(), [&](const Tensor& g, const Tensor& at) {
      return where(last, g * at * 4.0, g * at * 2.0);
    });
    return std::vector{wrong({x[1]})[0] + x[0]};
  };
  const GradcheckResult result = gradcheck(f, {example()[0], example()[0]});
  CHECK(result.order == 1);
  CHECK(result.op == "planted");
  CHECK(result.input == 1);
  CHECK(result.shape == Shape{2, 2});
  CHECK(result.index == Shape{1, 1});
  CHECK(result.error == Approx(0.5));
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(result.steps[i] == Approx(1e-6 * std::pow(10, i)));
    CHECK(result.numeric[i] == Approx(result.analytic / 2));
  }
  CHECK(result.numeric_error < 1e-7);
  CHECK(result.failure ==
        fmt::format("wrong gradient of first order: wrong in one element\n"
                    "  op        planted\n"
                    "  where     input 1 of shape [2, 2], element [1, 1], the worst\n"
                    "  analytic  {:.10g}\n"
                    "  numeric   {:.10g} +- {:.1g}\n"
                    "  by step   {:.10g} (1e-06), {:.10g} (1e-05), {:.10g} (0.0001)\n"
                    "  error     0.5, at most 1e-06 is allowed\n"
                    "  diagnosis of 4 elements only [1, 1] is wrong. There analytic = 2 x numeric. "
                    "A loop or\n"
                    "            a condition treats it otherwise than the rest.",
                    result.analytic, result.numeric[0], result.numeric_error, result.numeric[0],
                    result.numeric[1], result.numeric[2]));
}

TEST_CASE("gradcheck needs something to check") {
  const TensorFunction same = [](const std::vector<Tensor>& x) { return std::vector{x[0] * 1.0}; };
  CHECK_THROWS_WITH(gradcheck(same, {ones({2}, DType::float64)}),
                    "gradcheck: no input requires a gradient; hint: call set_requires_grad()");
  CHECK_THROWS_WITH(gradcheck(same, {ones({2}).set_requires_grad()}),
                    "gradcheck: an input is not float64; got float32; hint: convert it with to()");
  const TensorFunction forgets = [](const std::vector<Tensor>& x) {
    return std::vector{x[0].detach() * 2.0};
  };
  CHECK(gradcheck(forgets, example()).diagnosis == Diagnosis::not_recorded);
  const std::vector<Tensor> result = {ones({2}, DType::float64).set_requires_grad() * 2.0};
  CHECK_THROWS_WITH(gradcheck(same, result),
                    "gradcheck: an input is the result of an op; expected leaves; hint: detach() "
                    "it");
}

TEST_CASE("gradcheck leaves its inputs alone") {
  const std::vector<Tensor> inputs = example();
  const Tensor before = inputs[0].clone();
  const std::int64_t nodes = live_nodes();
  gradcheck([](const std::vector<Tensor>& x) { return std::vector{exp(x[0])}; }, inputs);
  CHECK(identical(inputs[0], before));
  CHECK_FALSE(inputs[0].grad().defined());
  CHECK(live_nodes() == nodes);
}

TEST_CASE("a function that throws leaves the inputs as they were") {
  const std::vector<Tensor> inputs = example();
  const Tensor before = inputs[0].detach().clone();
  int calls = 0;
  const auto throws_later = [&](const std::vector<Tensor>& x) {
    if (++calls == 4) {
      fail("enough");
    }
    return std::vector{exp(x[0])};
  };
  CHECK_THROWS_WITH(gradcheck(throws_later, inputs), "enough");
  CHECK(identical(inputs[0].detach(), before));
  calls = 0;
  CHECK_THROWS_AS(directional_error([&] { return sum(throws_later(inputs)[0]); }, inputs, 1),
                  Error);
  CHECK(identical(inputs[0].detach(), before));
}

TEST_CASE("check_op finds what is wrong only where an input is a constant") {
  // a b, whose backward takes the constant's place for that of the other input
  const Op wrong(
      "gradcheck_test",
      [](Sampler& s) -> Sample {
        return {{s.normal({2}), s.normal({2})}, [](const auto& x) {
                  const auto backward = [a = Saved(x[0]),
                                         b = Saved(x[1])](const Backward& bw) -> Gradients {
                    const Tensor& g = bw.grad();
                    return {bw.needs(1) ? g * *b : Tensor(), bw.needs(0) ? g * *a : Tensor()};
                  };
                  return record(planted(), {x[0], x[1]}, x[0].detach() * x[1].detach(), backward);
                }};
      },
      {});
  const OpReport report = check_op(wrong, 1);
  REQUIRE(report.failures.size() == 1);
  CHECK(contains(report.failures[0], "with a constant among the inputs: wrong gradient"));
}

TEST_CASE("check_op reports outputs that fell out of the graph, and errors") {
  const Op lost("gradcheck_test",
                [](Sampler& s) -> Sample {
                  return {{s.normal({2})}, [](const auto& x) {
                            return std::vector{x[0] * 2.0, x[0].detach() * 3.0};
                          }};
                },
                {});
  const OpReport report = check_op(lost, 1);
  CHECK(report.diagnoses == std::vector{Diagnosis::not_recorded});
  CHECK(report.failures.back() == "gradcheck_test, sample 0: a floating output is not recorded");
  const Op broken("gradcheck_test",
                  [](Sampler& s) -> Sample {
                    return {{s.normal({2})}, [](const auto& x) -> Tensor {
                              fail("broken: got shape {}", x[0].shape());
                            }};
                  },
                  {});
  CHECK(check_op(broken, 1).failures ==
        std::vector<std::string>{"gradcheck_test, sample 0: broken: got shape [2]"});
}

TEST_CASE("check_op reports exceptions of any kind") {
  const Op odd("gradcheck_test",
               [](Sampler& s) -> Sample {
                 return {{s.normal({2})},
                         [](const auto&) -> Tensor { throw std::runtime_error("odd sample"); }};
               },
               {{[] { throw std::runtime_error("odd error"); }, "expected"}});
  CHECK(check_op(odd, 1).failures ==
        std::vector<std::string>{
            "gradcheck_test, sample 0: odd sample",
            "gradcheck_test: wrong error message; got 'odd error'; expected 'expected'"});
}

TEST_CASE("samples may have ids and masks among their inputs") {
  const Op op("gradcheck_test",
              [](Sampler& s) -> Sample {
                return {{s.normal({3, 2}), s.ids({4}, 3), s.mask({4, 1})},
                        [](const auto& x) { return masked_fill(embedding(x[1], x[0]), x[2], 0); }};
              },
              {});
  CHECK(check_op(op, 5).failures.empty());
}

TEST_CASE("check_op reports wrong messages and what is recorded without need") {
  const Op wrong("gradcheck_test",
                 [](Sampler& s) -> Sample {
                   return {{s.normal({2})}, [](const auto& x) {
                             const GradModeGuard guard(true);  // records in any case
                             return x[0] * 2.0;
                           }};
                 },
                 {{[] { fail("other"); }, "expected"}, {[] {}, "silent"}});
  const OpReport report = check_op(wrong, 1);
  CHECK(report.failures ==
        std::vector<std::string>{
            "gradcheck_test, sample 0: recorded under NoGradGuard",
            "gradcheck_test: wrong error message; got 'other'; expected 'expected'",
            "gradcheck_test: wrong error message; got 'no error'; expected 'silent'"});
}

TEST_CASE("check_op finds a derivative that is wrong in float32 alone") {
  const Op wrong("gradcheck_test",
                 [](Sampler& s) -> Sample {
                   return {{s.normal({3})},
                           square_with(planted(), [](const Tensor& g, const Tensor& x) {
                             return g * x * (g.dtype() == DType::float32 ? 2.1 : 2.0);
                           })};
                 },
                 {});
  const OpReport report = check_op(wrong, 1);
  REQUIRE(report.failures.size() == 1);
  CHECK(contains(report.failures[0], "float32 gradient differs from float64 by"));
}

TEST_CASE("check_op finds a result that is wrong in float32 alone") {
  const Op wrong("gradcheck_test",
                 [](Sampler& s) -> Sample {
                   return {{s.normal({3})}, [](const auto& x) {
                             return x[0] + (x[0].dtype() == DType::float32 ? 0.1 : 0.0);
                           }};
                 },
                 {});
  const OpReport report = check_op(wrong, 1);
  REQUIRE(report.failures.size() == 1);
  CHECK(contains(report.failures[0], "float32 output differs from float64 by 0.1"));
}

TEST_CASE("directional_error checks whole functions and restores the parameters") {
  Generator generator(1);
  const Tensor weight = randn({3, 3}, generator, DType::float64).set_requires_grad();
  const Tensor before = weight.clone();
  const auto loss = [&] { return sum(tanh(matmul(weight, weight))); };
  CHECK(directional_error(loss, {weight}, 2) < 1e-9);
  CHECK(identical(weight, before));
  CHECK_FALSE(weight.grad().defined());
  const auto wrong = [&] { return sum(weight * weight.detach()); };
  CHECK(directional_error(wrong, {weight}, 2) > 0.1);
}

}  // namespace
}  // namespace weft
