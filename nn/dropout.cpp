#include "nn/dropout.hpp"

#include "autograd/ops.hpp"

namespace weft::nn {

Dropout::Dropout(double p) : p_(p) {
  if (!(p >= 0 && p < 1)) {
    fail("Dropout: p out of range; got {}; expected 0 <= p < 1", p);
  }
}

Tensor Dropout::forward(const Tensor& x) const {
  const Forward call(*this);
  return call.output(training() && p_ > 0 ? dropout(x, p_, default_generator()) : x);
}

}  // namespace weft::nn
