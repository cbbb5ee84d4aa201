#pragma once

#include <string_view>

#include "autograd/kernels/convolution.hpp"
#include "autograd/ops.hpp"

/// What the ops on the windows of images have in common.
namespace weft::ops {

/// The sizes of windows of images [B, C, H, W], all channels in one group. Throws Error, in the
/// op's name, if a stride or dilation is not positive, a padding negative, no window fits, or the
/// padded images or all windows together have too many elements for an integer.
kernels::ConvolutionShape window_shape(std::string_view where, const Shape& images,
                                       const Size2& kernel, const Window& window);

}  // namespace weft::ops
