#pragma once

#include <cstdint>

#include "autograd/shape.hpp"

/// Two-dimensional convolution without a matrix of columns: padded images are copied such that what
/// any output reads stands at fixed offsets from it, and products read them there.
namespace weft::kernels {

/// The sizes of a convolution.
struct ConvolutionShape {
  std::int64_t B;       ///< images
  std::int64_t groups;  ///< of channels
  std::int64_t C;       ///< input channels of a group
  std::int64_t O;       ///< output channels of a group
  Size2 input;          ///< of an image
  Size2 kernel;         ///< of the weight
  Size2 stride;         ///< from one output to the next
  Size2 padding;        ///< zeros on each side
  Size2 dilation;       ///< from one element of the kernel to the next

  /// The size of the kernel along an axis, dilation included.
  std::int64_t reach(std::size_t axis) const { return dilation[axis] * (kernel[axis] - 1) + 1; }
  /// The size of the result along an axis: the places of the kernel in the padded image.
  std::int64_t output(std::size_t axis) const {
    const std::int64_t room = input[axis] + 2 * padding[axis] - reach(axis);
    return room < 0 ? 0 : room / stride[axis] + 1;
  }
  /// The elements of the kernel, for each pair of channels.
  std::int64_t taps() const { return kernel[0] * kernel[1]; }
};

/// y [B, groups O, OH, OW] for x [B, groups C, H, W] and w [groups O, C, KH, KW]; adds bias
/// [groups O] unless it is null.
template <class T>
void convolution(const ConvolutionShape& shape, const T* x, const T* w, const T* bias, T* y);

/// dx given the gradient g of y; dx must be zero before.
template <class T>
void convolution_input_gradient(const ConvolutionShape& shape, const T* g, const T* w, T* dx);

/// dw given the gradient g of y; dw must be zero before.
template <class T>
void convolution_weight_gradient(const ConvolutionShape& shape, const T* x, const T* g, T* dw);

}  // namespace weft::kernels
