// Cases in which finite differences, or the function itself, cannot be trusted.

#include <cmath>

#include "tests/autograd/gradcheck/wrong_functions.hpp"

namespace weft {
namespace {

TEST_CASE("gradcheck blames the function where it has a kink or a jump") {
  const TensorFunction rectified = [](const Inputs& x) { return std::vector{relu(x[0])}; };
  const Inputs at_kink = {tensor<double>({1, 0, -1}, {3}).set_requires_grad()};
  check(rectified, at_kink, D::kink, "a kink at this element: its slope is");
  CHECK(gradcheck(rectified, at_kink).index == Shape{1});
  // Smaller steps do not reach the nearby kink, where the gradient jumps.
  const Inputs near_kink = {tensor<double>({1, 3e-7, -1}, {3}).set_requires_grad()};
  CHECK(gradcheck(rectified, near_kink, {.second_order = false}).ok());
  check(rectified, near_kink, D::kink, "the function jumps within 1e-06 of this element");
  const TensorFunction step = [](const Inputs& x) {
    return std::vector{where(gt(x[0], 2), x[0] + 1.0, x[0])};
  };
  check(step, {tensor<double>({1, 2, 3}, {3}).set_requires_grad()}, D::kink, "the function jumps");
  // A kink does not explain a wrong factor next to it.
  const TensorFunction wrong = [](const Inputs& x) {
    return std::vector{
        record(mine(), {x[0]}, relu(x[0].detach()), [x = Saved(x[0])](const Backward& backward) {
          return Gradients{where(gt(*x, 0), backward.grad() * 2.0, zeros_like(*x))};
        })};
  };
  CHECK(gradcheck(wrong, at_kink).diagnosis != D::kink);
}

TEST_CASE("gradcheck notices float32 inside") {
  const Inputs x = {leaf({3, 2})};
  const auto narrow_to_float32 = [](const Tensor& t) {
    return t.detach().to(DType::float32).to(DType::float64);
  };
  const TensorFunction forward = [=](const Inputs& inputs) {
    const Tensor y = narrow_to_float32(exp(narrow_to_float32(inputs[0])));
    return std::vector{
        record(mine(), {inputs[0]}, y, [x = Saved(inputs[0])](const Backward& backward) {
          return Gradients{backward.grad() * exp(*x)};
        })};
  };
  check(forward, x, D::float32, "the function is rough");
  check(square_with([=](const Tensor& g, const Tensor&) { return narrow_to_float32(g); }), x,
        D::float32, "the backward function rounds to float32");
}

TEST_CASE("gradcheck notices outputs that it cannot check") {
  const Inputs x = {leaf({3, 2})};
  const TensorFunction unrecorded = [](const Inputs& inputs) {
    return std::vector{square(inputs[0]), exp(inputs[0].detach())};
  };
  check(unrecorded, x, D::not_recorded, "output 1 is not on the tape, though it depends on");
  const TensorFunction constant = [](const Inputs& inputs) {
    return std::vector{square(inputs[0]), zeros({2}), gt(inputs[0], 0)};
  };
  CHECK(gradcheck(constant, x).ok());
  const TensorFunction narrow = [](const Inputs& inputs) {
    const Tensor y = exp(inputs[0].detach()).to(DType::float32);
    return std::vector{exp(inputs[0]), record(mine(), {inputs[0]}, y, [](const Backward& backward) {
                         return Gradients{backward.grad()};
                       })};
  };
  check(narrow, x, D::float32, "output 1 is float32, though the inputs are float64");
}

TEST_CASE("gradcheck notices what differs from call to call") {
  const Inputs x = {leaf({3, 2})};
  Generator generator(7);
  const TensorFunction random = [&](const Inputs& inputs) {
    return std::vector{dropout(inputs[0], 0.5, generator)};
  };
  check(random, x, D::not_deterministic, "two calls at the same point");
  Tensor last;
  check(square_with([&](const Tensor& g, const Tensor&) {
          Tensor before = last.defined() ? last : g * 2.0;
          last = g;
          return before;
        }),
        x, D::not_deterministic, "two backward passes");
}

TEST_CASE("gradcheck knows how far differences can be trusted") {
  const auto passes = [](const TensorFunction& function, const std::vector<double>& at) {
    const Inputs x = {tensor<double>(at, {std::ssize(at)}).set_requires_grad()};
    const GradcheckResult result = gradcheck(function, x);
    INFO(result.failure);
    CHECK(result.ok());
    CHECK(result.error <= 1e-6);
  };
  const auto of = [](auto f) { return [f](const Inputs& x) { return std::vector{f(x[0])}; }; };
  passes(of([](const Tensor& x) { return exp(x); }), {30, 1});
  passes(of([](const Tensor& x) { return sum(exp(x)); }), {15, 1});
  passes(of([](const Tensor& x) { return x * x; }), {1e4, 1});
  passes(of([](const Tensor& x) { return sin(x); }), {1e6});
  passes(of([](const Tensor& x) { return 1.0 / x; }), {3e-4, 1});
  passes(of([](const Tensor& x) { return log(x); }), {3e-4, 1});
  passes(of([](const Tensor& x) { return sum(square(x)) + 1e6; }), {0.5, -1.5, 2});

  // Wrong gradients in the same places.
  const auto wrong = [](double factor) {
    return square_with([factor](const Tensor& g, const Tensor&) { return g * factor; });
  };
  const Inputs far = {tensor<double>({1e4, 1}, {2}).set_requires_grad()};
  check(wrong(2), far, D::factor, "analytic = 2 x numeric in");
  CHECK_FALSE(gradcheck(wrong(1.00001), far).ok());
  const Inputs near = {tensor<double>({0.5, -1.5, 2}, {3}).set_requires_grad()};
  const TensorFunction raised = [&](const Inputs& x) {
    return std::vector{sum(wrong(1.001)(x)[0]) + 1e6};
  };
  CHECK_FALSE(gradcheck(raised, near).ok());
  // An error too small for a fraction is not called a factor.
  CHECK(gradcheck(wrong(1.0001), near).diagnosis != D::factor);
}

TEST_CASE("gradcheck notices outputs whose number or shapes depend on the inputs") {
  const std::string why = "the number or shapes of the outputs depend on the inputs";
  const Inputs x = {zeros({100}, DType::float64).set_requires_grad()};
  const TensorFunction length = [](const Inputs& inputs) {
    const std::int64_t size = inputs[0].data<double>()[0] > 0 ? 100 : 1;
    return std::vector{narrow(square(inputs[0]), 0, 0, size)};
  };
  check(length, x, D::not_deterministic, why);
  const TensorFunction number = [](const Inputs& inputs) {
    const std::size_t count = inputs[0].data<double>()[0] > 0 ? 2 : 1;
    return std::vector<Tensor>(count, square(inputs[0]));
  };
  check(number, x, D::not_deterministic, why);
  int calls = 0;
  const TensorFunction call = [&calls](const Inputs& inputs) {
    return std::vector{narrow(square(inputs[0]), 0, 0, ++calls % 2 == 0 ? 100 : 1)};
  };
  check(call, x, D::not_deterministic, why);
}

}  // namespace
}  // namespace weft
