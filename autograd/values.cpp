#include "autograd/values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace weft {

Values::Values(const Tensor& tensor) : defined(tensor.defined()) {
  if (!defined) {
    return;
  }
  shape = tensor.shape();
  min = std::numeric_limits<double>::infinity();
  max = -min;
  dispatch_all("Values", tensor.dtype(), [&]<class T>() {
    for (const T element : tensor.data<T>()) {
      const auto value = static_cast<double>(element);
      nan += std::isnan(value) ? 1 : 0;
      inf += std::isinf(value) ? 1 : 0;
      if (std::isfinite(value)) {
        min = std::min(min, value);
        max = std::max(max, value);
      }
    }
  });
}

std::string to_string(const Values& values) {
  if (!values.defined) {
    return "none";
  }
  const std::string range = values.min <= values.max
                                ? fmt::format("in [{:.6g}, {:.6g}]", values.min, values.max)
                                : "with no finite element";
  return fmt::format("{} {}, {} NaN, {} inf", values.shape, range, values.nan, values.inf);
}

std::string to_string(std::string_view what, const std::vector<Values>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += fmt::format("{}{} {}: {}", i == 0 ? "" : "; ", what, i, to_string(values[i]));
  }
  return text;
}

std::vector<Values> values_of(const std::vector<Tensor>& tensors) {
  return {tensors.begin(), tensors.end()};
}

}  // namespace weft
