#include "nn/mask.hpp"

#include "autograd/ops/checks.hpp"

namespace weft::nn {
namespace {

/// Boolean [T, B]: `inside` where t < lengths[b], else the opposite.
Tensor length_mask(const Tensor& lengths, std::int64_t T, bool inside) {
  ops::check_dtype("lengths", "the tensor", lengths, DType::int64);
  if (lengths.dim() != 1) {
    fail("lengths: wrong shape; got {}; expected [B]", lengths.shape());
  }
  const std::span<const std::int64_t> length = lengths.data<std::int64_t>();
  for (std::size_t b = 0; b < length.size(); ++b) {
    if (length[b] < 1 || length[b] > T) {
      fail("lengths: row {} out of range; got {}; expected 1 <= length <= {}", b, length[b], T);
    }
  }
  Tensor mask = empty({T, lengths.size(0)}, DType::boolean);
  const std::span<bool> out = mask.mutable_data<bool>();
  for (std::int64_t t = 0; t < T; ++t) {
    for (std::size_t b = 0; b < length.size(); ++b) {
      out[static_cast<std::size_t>(t) * length.size() + b] = (t < length[b]) == inside;
    }
  }
  return mask;
}

}  // namespace

Tensor sequence_mask(const Tensor& lengths, std::int64_t T) {
  return length_mask(lengths, T, true);
}

Tensor padding_mask(const Tensor& lengths, std::int64_t T) {
  return length_mask(lengths, T, false);
}

}  // namespace weft::nn
