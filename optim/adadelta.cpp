#include "optim/adadelta.hpp"

#include <cmath>

#include "optim/rows.hpp"

namespace weft::optim {

Adadelta::Adadelta(NamedTensors parameters, AdadeltaOptions options)
    : Optimizer(std::move(parameters), options.lr),
      options_(options),
      square_avg_(squares_for_each("square_avg")),
      acc_delta_(squares_for_each("acc_delta")) {
  if (!(options.rho >= 0 && options.rho < 1)) {
    fail("Adadelta: rho out of range; got {}; expected 0 <= rho < 1", options.rho);
  }
  if (!(options.eps > 0 && std::isfinite(options.eps))) {
    fail("Adadelta: eps out of range; got {}; expected a finite eps > 0", options.eps);
  }
}

void Adadelta::update(std::size_t i, Tensor& parameter, const Gradient& gradient) {
  dispatch_floating("Adadelta", parameter.dtype(), [&]<class T>() {
    T* const theta = parameter.mutable_data<T>().data();
    T* const v = square_avg_[i].mutable_data<T>().data();
    T* const u = acc_delta_[i].mutable_data<T>().data();
    const auto rate = static_cast<T>(lr());
    const auto rho = static_cast<T>(options_.rho);
    const auto rest = static_cast<T>(1 - options_.rho);
    const auto eps = static_cast<T>(options_.eps);
    for_each_row<T>(parameter, gradient, [=](std::int64_t begin, std::span<const T> g) {
      for (std::size_t j = 0; j < g.size(); ++j) {
        const std::size_t k = static_cast<std::size_t>(begin) + j;
        v[k] = rho * v[k] + rest * g[j] * g[j];
        const T delta = std::sqrt(u[k] + eps) / std::sqrt(v[k] + eps) * g[j];
        u[k] = rho * u[k] + rest * delta * delta;
        theta[k] -= rate * delta;
      }
    });
  });
}

}  // namespace weft::optim
