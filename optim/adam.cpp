#include "optim/adam.hpp"

#include <cmath>

#include "autograd/kernels/vector.hpp"
#include "optim/rows.hpp"

namespace weft::optim {
namespace {

template <class T>
kernels::AdamStep<T> coefficients(const AdamOptions& options, double lr, double weight_decay,
                                  std::int64_t step) {
  const auto correction = [step](double beta) {
    return 1 - std::pow(beta, static_cast<double>(step));
  };
  return {.beta1 = static_cast<T>(options.beta1),
          .beta2 = static_cast<T>(options.beta2),
          .rest1 = static_cast<T>(1 - options.beta1),
          .rest2 = static_cast<T>(1 - options.beta2),
          .step_size = static_cast<T>(lr / correction(options.beta1)),
          .root_correction2 = static_cast<T>(std::sqrt(correction(options.beta2))),
          .eps = static_cast<T>(options.eps),
          .keep = static_cast<T>(1 - lr * weight_decay)};
}

void check_beta(std::string_view name, double beta) {
  if (!(beta >= 0 && beta < 1)) {
    fail("Adam: {} out of range; got {}; expected 0 <= {} < 1", name, beta, name);
  }
}

}  // namespace

Adam::Adam(NamedTensors parameters, AdamOptions options)
    : Adam(std::move(parameters), options, 0) {}

Adam::Adam(NamedTensors parameters, AdamOptions options, double weight_decay)
    : Optimizer(std::move(parameters), options.lr),
      options_(options),
      weight_decay_(weight_decay),
      step_(counter_for_each("step")),
      exp_avg_(zeros_for_each("exp_avg")),
      exp_avg_sq_(squares_for_each("exp_avg_sq")) {
  check_beta("beta1", options.beta1);
  check_beta("beta2", options.beta2);
  if (!(options.eps >= 0 && std::isfinite(options.eps))) {
    fail("Adam: eps out of range; got {}; expected a finite eps >= 0", options.eps);
  }
  if (!(weight_decay >= 0 && std::isfinite(weight_decay))) {
    fail("AdamW: weight_decay out of range; got {}; expected a finite number >= 0", weight_decay);
  }
}

AdamW::AdamW(NamedTensors parameters, AdamWOptions options)
    : Adam(std::move(parameters),
           {.lr = options.lr, .beta1 = options.beta1, .beta2 = options.beta2, .eps = options.eps},
           options.weight_decay) {}

void Adam::update(std::size_t i, Tensor& parameter, const Gradient& gradient) {
  const std::int64_t step = ++step_[i].mutable_data<std::int64_t>()[0];
  dispatch_floating("Adam", parameter.dtype(), [&]<class T>() {
    const kernels::AdamStep<T> numbers = coefficients<T>(options_, lr(), weight_decay_, step);
    const auto update = kernels::vector_kernels<T>().adam;
    T* const theta = parameter.mutable_data<T>().data();
    T* const m = exp_avg_[i].mutable_data<T>().data();
    T* const v = exp_avg_sq_[i].mutable_data<T>().data();
    for_each_row<T>(parameter, gradient, [&](std::int64_t begin, std::span<const T> g) {
      update(numbers, g.data(), theta + begin, m + begin, v + begin, std::ssize(g));
    });
  });
}

}  // namespace weft::optim
