#include "nn/finite.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/printable.hpp"

namespace weft::nn {

namespace {

/// The index of the first element that is NaN or infinite, and its value.
std::optional<std::pair<std::int64_t, double>> first_not_finite(const Tensor& tensor) {
  std::optional<std::pair<std::int64_t, double>> found;
  dispatch_floating("find_not_finite", tensor.dtype(), [&]<class T>() {
    const std::span<const T> values = tensor.data<T>();
    const auto bad = std::ranges::find_if(values, [](T value) { return !std::isfinite(value); });
    if (bad != values.end()) {
      found.emplace(bad - values.begin(), static_cast<double>(*bad));
    }
  });
  return found;
}

}  // namespace

std::optional<NotFinite> find_not_finite(const NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors) {
    if (!is_floating(tensor.dtype())) {
      continue;
    }
    if (const auto found = first_not_finite(tensor)) {
      return NotFinite{name, found->first, found->second};
    }
  }
  return std::nullopt;
}

void check_finite(const NamedTensors& tensors, const std::string& where) {
  if (const std::optional<NotFinite> bad = find_not_finite(tensors)) {
    fail("{}: tensor '{}': element {} is not finite; got {}; expected a finite number", where,
         printable(bad->tensor), bad->element, bad->value);
  }
}

}  // namespace weft::nn
