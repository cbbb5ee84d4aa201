#include "autograd/origin.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/anomaly.hpp"
#include "autograd/graph/tracker.hpp"

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

void detail::note_origin(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                         const std::vector<Tensor>& outputs) {
  const bool tracked = GraphTracker::active();
  if (!tracked && !anomaly_enabled()) {
    return;
  }
  const auto origin = std::make_shared<Origin>();
  origin->place = current_place();
  if (anomaly_enabled()) {
    origin->inputs = values_of(inputs);
  }
  std::ranges::transform(outputs, std::back_inserter(origin->outputs), &TensorBody::of);
  node->extra().origin = origin;
  if (tracked) {
    track(node);
  }
}

}  // namespace weft
