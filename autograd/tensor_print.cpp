#include <fmt/format.h>

#include <iterator>

#include "autograd/tensor.hpp"

namespace weft {
namespace {

constexpr std::int64_t kEdgeItems = 3;    // shown at each end of a long dimension
constexpr std::int64_t kThreshold = 200;  // larger tensors are abbreviated

template <class T>
void print_element(std::string& out, T value) {
  if constexpr (std::is_floating_point_v<T>) {
    fmt::format_to(std::back_inserter(out), "{:.6g}", value);
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

/// Prints the block of dimension `dim` that starts at `data`; recursion depth is the rank.
template <class T>
void print_block(std::string& out, const T* data, const Shape& shape, std::size_t dim,
                 bool shorten) {
  if (dim == shape.size()) {
    print_element(out, *data);
    return;
  }
  const std::int64_t size = shape[dim];
  const std::int64_t stride =
      numel({shape.begin() + static_cast<std::ptrdiff_t>(dim) + 1, shape.end()});
  out += '[';
  for (std::int64_t i = 0; i < size; ++i) {
    out += i == 0 ? "" : ", ";
    if (shorten && size > 2 * kEdgeItems && i == kEdgeItems) {
      out += "..., ";
      i = size - kEdgeItems;
    }
    print_block(out, data + i * stride, shape, dim + 1, shorten);
  }
  out += ']';
}

}  // namespace

std::string to_string(const Tensor& tensor) {
  if (!tensor.defined()) {
    return "tensor(undefined)";
  }
  const bool shorten = tensor.numel() > kThreshold || tensor.numel() == 0;
  std::string out = "tensor(";
  dispatch_all("to_string", tensor.dtype(), [&]<class T>() {
    print_block(out, tensor.data<T>().data(), tensor.shape(), 0, shorten);
  });
  fmt::format_to(std::back_inserter(out), ", {}", name(tensor.dtype()));
  if (shorten) {
    fmt::format_to(std::back_inserter(out), ", shape {}", tensor.shape());
  }
  return out + ")";
}

}  // namespace weft
