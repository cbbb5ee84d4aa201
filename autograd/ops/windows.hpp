#pragma once

#include <string_view>

#include "autograd/kernels/convolution.hpp"
#include "autograd/ops.hpp"

/// What the ops on the windows of images have in common.
namespace weft::ops {

/// The sizes of windows of x [B, C, H, W], all channels in one group. Throws Error, in the op's
/// name, if x has another rank, a stride or dilation is not positive, a padding negative, or no
/// window fits.
kernels::ConvolutionShape window_shape(std::string_view where, const Tensor& x, const Size2& kernel,
                                       const Window& window);

}  // namespace weft::ops
