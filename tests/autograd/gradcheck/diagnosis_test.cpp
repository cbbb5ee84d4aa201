// One small function for each diagnosis, with an intentional bug.

#include <cmath>
#include <set>
#include <stdexcept>

#include "tests/autograd/gradcheck/wrong_functions.hpp"

namespace weft {
namespace {

TEST_CASE("diagnoses have names of their own") {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(D::unexplained); ++i) {
    CHECK(names.insert(name(static_cast<Diagnosis>(i))).second);
  }
}

TEST_CASE("gradcheck names what is wrong by one rule in all elements") {
  const Inputs x = {leaf({3, 5})};
  const auto wrong = [](auto change) {
    return square_with([change](const Tensor& g, const Tensor&) { return change(g); });
  };
  check(wrong([](const Tensor& g) { return g * 2.0; }), x, D::factor, "analytic = 2 x numeric in");
  check(wrong([](const Tensor& g) { return g / 2.0; }), x, D::factor, "= 1/2 x numeric in");
  check(wrong([](const Tensor& g) { return g * -1.5; }), x, D::factor, "= -3/2 x numeric in");
  check(wrong([](const Tensor& g) { return g * 5.0; }), x, D::factor,
        "= 5 x numeric in every element; 5 is the size of dimension 1 of input 0");
  check(wrong([](const Tensor& g) { return g / 15.0; }), x, D::factor,
        "15 is the number of elements of input 0");
  check(wrong([](const Tensor& g) { return -g; }), x, D::sign, "analytic = -numeric");
  check(wrong([](const Tensor& g) { return g * 0.0; }), x, D::zero, "analytic is zero");
  check(wrong([](const Tensor&) { return Tensor(); }), x, D::zero, "or nothing");
  check(wrong([](const Tensor& g) { return g + 0.25; }), x, D::offset, "numeric + 0.25 in every");
  check(wrong([](const Tensor& g) { return where(gt(g, 0), g, -g); }), x, D::function, "|numeric|");
  check(wrong([](const Tensor& g) { return g * g; }), x, D::function, "numeric^2");
  check(wrong([](const Tensor& g) { return relu(g); }), x, D::function, "max(numeric, 0)");
  check(wrong([](const Tensor& g) { return exp(g); }), x, D::unexplained, "no relation");
  check(wrong([](const Tensor& g) { return g / 0.0 * 0.0; }), x, D::not_a_number, "not a number");
}

TEST_CASE("gradcheck says in which elements a gradient is wrong") {
  const Inputs x = {tensor<double>({1, -2, 3, -4, 0.5, 6}, {2, 3}).set_requires_grad()};
  const auto zeroed = [](const std::vector<bool>& where) {
    const Tensor mask = bool_tensor(where, {2, 3});
    return square_with([mask](const Tensor& g, const Tensor&) { return masked_fill(g, mask, 0); });
  };
  check(zeroed({false, false, false, false, false, true}), x, D::one_element,
        "of 6 elements only [1, 2] is wrong. There analytic is zero");
  check(zeroed({true, true, true, false, false, false}), x, D::slice, "index 0 of dimension 0");
  check(zeroed({false, false, true, false, false, true}), x, D::slice, "index 2 of dimension 1");
  check(zeroed({false, true, false, true, false, false}), x, D::some_values,
        "only where the input is below 0. There analytic is zero");
  check(zeroed({false, false, true, true, false, true}), x, D::some_values,
        "the input's absolute value is above 2.5");
  check(zeroed({true, true, false, false, false, true}), x, D::unexplained, "");
}

TEST_CASE("gradcheck recognizes right numbers in wrong places") {
  const Inputs square = {leaf({3, 3})};
  const Inputs row = {leaf({7})};
  check(square_with([](const Tensor& g, const Tensor&) { return transpose(g, 0, 1); }), square,
        D::transposed, "in the order [1, 0]");
  check(square_with([](const Tensor& g, const Tensor&) {
          return cat({narrow(g, 0, 6, 1), narrow(g, 0, 0, 6)}, 0);
        }),
        row, D::misplaced, "shifted by 1");
  check(square_with([](const Tensor& g, const Tensor&) {
          return index_select(g, 0, tensor<std::int64_t>({6, 5, 4, 3, 2, 1, 0}, {7}));
        }),
        row, D::misplaced, "in reverse along dimension 0");
  check(square_with([](const Tensor& g, const Tensor&) {
          return index_select(g, 0, tensor<std::int64_t>({2, 0, 1, 4, 3, 6, 5}, {7}));
        }),
        row, D::misplaced, "in other places");
  check(product_with([](const Tensor& g, const Tensor& a, const Tensor& b) {
          return Gradients{g * a, g * b};
        }),
        {leaf({4}, 1), leaf({4}, 2)}, D::exchanged, "analytic is the gradient of input");
  const TensorFunction untransposed = [](const Inputs& x) {  // y = x^T
    return std::vector{
        record(mine(), {x[0]}, transpose(x[0].detach(), 0, 1),
               [](const Backward& backward) -> Gradients { return {backward.grad()}; })};
  };
  check(untransposed, square, D::transposed, "[1, 0]");
  check(untransposed, {leaf({2, 3})}, D::transposed, "got [3, 2]; expected [2, 3]");
}

TEST_CASE("gradcheck knows sums that are missing or too many") {
  const Inputs row_and_matrix = {leaf({4}, 1), leaf({3, 4}, 2)};
  const auto bias_gradient = [](auto change) {
    return product_with([change](const Tensor& g, const Tensor& a, const Tensor& b) {
      return Gradients{change(g * b), g * a};
    });
  };
  check(bias_gradient([](const Tensor& g) { return narrow(g, 0, 0, 1); }), row_and_matrix,
        D::broadcast_sum, "first of them alone");
  check(bias_gradient([](const Tensor& g) { return narrow(g, 0, 2, 1); }), row_and_matrix,
        D::broadcast_sum, "by way of index 2 alone");
  check(bias_gradient([](const Tensor& g) { return mean(g, {0}); }), row_and_matrix,
        D::broadcast_sum, "1/3 x numeric");
  check(square_with(
            [](const Tensor& g, const Tensor&) { return expand(sum(g, {0}, true), g.shape()); }),
        {leaf({3, 4})}, D::extra_sum, "sum of numeric over dimension 0");

  const TensorFunction column = [](const Inputs& x) {  // y_ij = b_i, the sum left to the engine
    const Tensor y = expand(reshape(x[0].detach(), {3, 1}), {3, 2});
    return std::vector{record(mine(), {x[0]}, y, [](const Backward& backward) -> Gradients {
      return {backward.grad()};
    })};
  };
  check(column, {leaf({3})}, D::broadcast_sum, "wrong shape; got [3, 2]; expected [3]");
}

TEST_CASE("gradcheck notices gradients that come from nowhere or do not arrive") {
  const Inputs two = {leaf({4}, 1), leaf({4}, 2)};
  check(square_with([](const Tensor& /*g*/, const Tensor& x) { return 2.0 * x; }), {two[0]},
        D::ignores_cotangent, "must multiply it by backward.grad()");
  const TensorFunction outputs = [](const Inputs& x) {  // exp(x) and 3 x
    return record(mine(), {x[0]}, std::vector{exp(x[0].detach()), x[0].detach() * 3.0},
                  [x = Saved(x[0])](const Backward& backward) {
                    return Gradients{backward.grad(0) * exp(*x)};
                  });
  };
  check(outputs, {two[0]}, D::ignores_output, "by way of output 1");

  const TensorFunction detached = [](const Inputs& x) {
    return std::vector{exp(x[0]) * tanh(x[0].detach())};
  };
  check(detached, {two[0]}, D::not_accumulated, "as input 1 of 'mul' outside the graph");
  int calls = 0;
  const TensorFunction twice = [&calls](const Inputs& x) {
    const auto once = square_with(
        [&calls](const Tensor& g, const Tensor&) { return ++calls % 2 == 0 ? g : Tensor(); });
    return std::vector{once(x)[0] * once(x)[0]};
  };
  check(twice, {two[0]}, D::not_accumulated,
        "the input is used 2 times and no gradient comes from its use as input 0 of 'mine'");

  const TensorFunction only_first = [](const Inputs& x) {
    return std::vector{record(mine(), {x[0]}, x[0].detach() * x[1].detach(),
                              [b = Saved(x[1])](const Backward& backward) -> Gradients {
                                return {backward.grad() * *b};
                              })};
  };
  check(only_first, two, D::not_recorded, "Is it among the inputs given to record()?");
  const TensorFunction unrecorded = [](const Inputs& x) {
    const NoGradGuard guard;
    return std::vector{exp(x[0])};
  };
  check(unrecorded, {two[0]}, D::not_recorded, "no output is on the tape");
  const TensorFunction half = [](const Inputs& x) {
    const NoGradGuard guard;
    const Tensor scale = exp(x[1]);
    const GradModeGuard on(true);
    return std::vector{x[0] * scale};
  };
  check(half, two, D::not_recorded, "It is used as input 1 of 'mul' outside the graph");
}

TEST_CASE("gradcheck tells why only the second order is wrong") {
  const Inputs at = {leaf({4})};
  const auto cubed = [](auto gradient) {  // x^3, whose second derivative depends on x
    return [gradient](const Inputs& inputs) {
      const Tensor x = inputs[0].detach();
      return std::vector{record(mine(), {inputs[0]}, x * x * x,
                                [=, x = Saved(inputs[0])](const Backward& backward) {
                                  return Gradients{gradient(backward.grad(), *x)};
                                })};
    };
  };
  check(cubed([](const Tensor& g, const Tensor& x) { return (g * x * x * 3.0).detach(); }), at,
        D::create_graph, "returns is not on the tape");
  check(cubed([](const Tensor& g, const Tensor& x) { return g * x.detach() * x.detach() * 3.0; }),
        at, D::create_graph, "does not know that it depends on the inputs");
  check(cubed([](const Tensor& g, const Tensor& x) { return g.detach() * x * x * 3.0; }), at,
        D::create_graph, "dependence on the incoming gradient");
  check(cubed([](const Tensor& g, const Tensor& x) { return g * x * x.detach() * 3.0; }), at,
        D::create_graph, "= 1/2 x numeric");
  check(cubed([](const Tensor& g, const Tensor& x) {
          return g * x * x * (grad_enabled() ? 2.0 : 3.0);
        }),
        at, D::create_graph, "two branches");
}

TEST_CASE("gradcheck reports what the engine refuses and what a backward function throws") {
  const Inputs x = {leaf({2, 3})};
  const auto returns = [](auto make) {
    return [make](const Inputs& inputs) {
      return std::vector{record(mine(), {inputs[0]}, inputs[0].detach() * 1.0,
                                [make](const Backward& backward) { return make(backward); })};
    };
  };
  check(returns([](const Backward&) { return Gradients(2); }), x, D::refused,
        "wrong number of gradients; got 2; expected 1");
  check(returns([](const Backward& b) { return Gradients{b.grad().detach().to(DType::float32)}; }),
        x, D::refused, "wrong dtype; got float32; expected float64");
  check(returns([](const Backward&) -> Gradients { fail("mine: out of luck"); }), x, D::refused,
        "mine: out of luck");
  check(returns([](const Backward&) -> Gradients { throw std::runtime_error("no luck either"); }),
        x, D::refused, "no luck either");
  const GradcheckResult result =
      gradcheck(returns([](const Backward&) { return Gradients(2); }), x);
  CHECK(result.order == 1);
  CHECK(std::isinf(result.error));
}

TEST_CASE("the op at fault is named in a function of many") {
  const TensorFunction function = [](const Inputs& x) {
    const Tensor h = tanh(matmul(x[0], x[1]));
    const Tensor y = square_with([](const Tensor& g, const Tensor&) { return g * 1.5; })({h})[0];
    return std::vector{sum(exp(y) * x[2], {1}), y * 2.0};
  };
  const GradcheckResult result =
      gradcheck(function, {leaf({3, 2}, 1), leaf({2, 4}, 2), leaf({4}, 3)});
  INFO(result.failure);
  CHECK(result.op == "mine");
  CHECK(contains(result.failure, "op        mine"));
  CHECK_FALSE(result.ok());
}

TEST_CASE("a gradcheck that fails leaves its inputs alone") {
  const Inputs x = {leaf({3, 2})};
  const Tensor before = x[0].detach().clone();
  const std::int64_t nodes = live_nodes();
  gradcheck(square_with([](const Tensor& g, const Tensor&) { return exp(g); }), x);
  CHECK(identical(x[0].detach(), before));
  CHECK_FALSE(x[0].grad().defined());
  CHECK(live_nodes() == nodes);
}

}  // namespace
}  // namespace weft
