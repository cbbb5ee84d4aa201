#include "optim/adagrad.hpp"

#include <cmath>

#include "optim/rows.hpp"

namespace weft::optim {

Adagrad::Adagrad(NamedTensors parameters, AdagradOptions options)
    : Optimizer(std::move(parameters), options.lr),
      eps_(options.eps),
      sum_(squares_for_each("sum")) {
  if (!(eps_ > 0 && std::isfinite(eps_))) {
    fail("Adagrad: eps out of range; got {}; expected a finite eps > 0", eps_);
  }
}

void Adagrad::update(std::size_t i, Tensor& parameter, const Gradient& gradient) {
  dispatch_floating("Adagrad", parameter.dtype(), [&]<class T>() {
    T* const theta = parameter.mutable_data<T>().data();
    T* const s = sum_[i].mutable_data<T>().data();
    const auto rate = static_cast<T>(lr());
    const auto eps = static_cast<T>(eps_);
    for_each_row<T>(parameter, gradient, [=](std::int64_t begin, std::span<const T> g) {
      for (std::size_t j = 0; j < g.size(); ++j) {
        const std::size_t k = static_cast<std::size_t>(begin) + j;
        s[k] += g[j] * g[j];
        theta[k] -= rate * g[j] / (std::sqrt(s[k]) + eps);
      }
    });
  });
}

}  // namespace weft::optim
