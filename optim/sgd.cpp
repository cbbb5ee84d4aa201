#include "optim/sgd.hpp"

#include "optim/rows.hpp"

namespace weft::optim {

SGD::SGD(NamedTensors parameters, SGDOptions options)
    : Optimizer(std::move(parameters), options.lr), momentum_(options.momentum) {
  if (!(momentum_ >= 0 && momentum_ < 1)) {
    fail("SGD: momentum out of range; got {}; expected 0 <= momentum < 1", momentum_);
  }
  if (momentum_ > 0) {
    momentum_buffer_ = zeros_for_each("momentum_buffer");
  }
}

void SGD::update(std::size_t i, Tensor& parameter, const Gradient& gradient) {
  dispatch_floating("SGD", parameter.dtype(), [&]<class T>() {
    T* const theta = parameter.mutable_data<T>().data();
    T* const b = momentum_ > 0 ? momentum_buffer_[i].mutable_data<T>().data() : nullptr;
    const auto mu = static_cast<T>(momentum_);
    const auto rate = static_cast<T>(lr());
    for_each_row<T>(parameter, gradient, [=](std::int64_t begin, std::span<const T> g) {
      for (std::size_t j = 0; j < g.size(); ++j) {
        const std::size_t k = static_cast<std::size_t>(begin) + j;
        T direction = g[j];
        if (b != nullptr) {
          direction = b[k] = mu * b[k] + g[j];
        }
        theta[k] -= rate * direction;
      }
    });
  });
}

}  // namespace weft::optim
