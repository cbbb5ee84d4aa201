#include "autograd/ops/windows.hpp"

#include <algorithm>

#include "autograd/kernels/parallel.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/tape.hpp"

/// The windows of images as columns of a matrix, and back.
namespace weft {

namespace ops {

kernels::ConvolutionShape window_shape(std::string_view where, const Shape& images,
                                       const Size2& kernel, const Window& window) {
  const Size2 input = {images[2], images[3]};
  const auto require = [where](std::string_view what, const Size2& sizes, std::int64_t least) {
    constexpr std::int64_t kMost = std::int64_t{1} << 31;  // the product of two is an integer
    if (std::min(sizes[0], sizes[1]) < least) {
      fail("{}: {} out of range; got {}; expected at least {}", where, what, sizes, least);
    }
    if (std::max(sizes[0], sizes[1]) >= kMost) {
      fail("{}: {} out of range; got {}; expected less than {}", where, what, sizes, kMost);
    }
  };
  require("size of the images", input, 0);
  require("kernel", kernel, 1);
  require("stride", window.stride, 1);
  require("padding", window.padding, 0);
  require("dilation", window.dilation, 1);
  const kernels::ConvolutionShape shape = {.B = images[0],
                                           .groups = 1,
                                           .C = images[1],
                                           .O = 1,
                                           .input = input,
                                           .kernel = kernel,
                                           .stride = window.stride,
                                           .padding = window.padding,
                                           .dilation = window.dilation};
  if (shape.output(0) < 1 || shape.output(1) < 1) {
    fail("{}: the kernel does not fit into the input; got {} padded by {}; expected at least {}",
         where, input, window.padding, Size2{shape.reach(0), shape.reach(1)});
  }
  // Throws Error on an overflow. Padded images have up to as many rows again as a stride has.
  numel({4, shape.B, shape.C, input[0] + 2 * window.padding[0], input[1] + 2 * window.padding[1]});
  numel({shape.B, shape.C, kernel[0], kernel[1], shape.output(0), shape.output(1)});
  return shape;
}

}  // namespace ops

namespace {

/// Calls f(element of x, element of a column) for all elements of the windows that are inside the
/// image, a channel of an image at a time; columns are [B, C kernel, windows].
template <class F>
void for_elements(const kernels::ConvolutionShape& s, F f) {
  const std::int64_t H = s.input[0];
  const std::int64_t W = s.input[1];
  const std::int64_t OH = s.output(0);
  const std::int64_t OW = s.output(1);
  const std::int64_t channels = s.B * s.C;
  const auto channel = [&s, f, H, W, OH, OW](std::int64_t c) {
    for (std::int64_t tap = 0; tap < s.taps(); ++tap) {
      const std::int64_t top = s.dilation[0] * (tap / s.kernel[1]) - s.padding[0];
      const std::int64_t left = s.dilation[1] * (tap % s.kernel[1]) - s.padding[1];
      for (std::int64_t oy = 0; oy < OH; ++oy) {
        const std::int64_t iy = top + oy * s.stride[0];
        for (std::int64_t ox = 0; ox < OW && iy >= 0 && iy < H; ++ox) {
          const std::int64_t ix = left + ox * s.stride[1];
          if (ix >= 0 && ix < W) {
            f((c * H + iy) * W + ix, ((c * s.taps() + tap) * OH + oy) * OW + ox);
          }
        }
      }
    }
  };
  parallel_for(channels, channels * s.taps() * OH * OW, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t c = begin; c < end; ++c) {
      channel(c);
    }
  });
}

Window some_window(Sampler& s) {
  return {{s.size(1, 3), s.size(1, 2)}, {s.size(0, 2), s.size(0, 2)}, {s.size(1, 2), s.size(1, 2)}};
}

/// A shape [B, C, H, W] into which the kernel fits.
Shape some_images(Sampler& s, const Size2& kernel, const Window& window) {
  return {s.size(0, 2), s.size(0, 2), s.size(0, 3) + window.dilation[0] * (kernel[0] - 1) + 1,
          s.size(0, 3) + window.dilation[1] * (kernel[1] - 1) + 1};
}

}  // namespace

// y[b, (c, k), i] = x[b, c, stride i + dilation k - padding], 0 outside;  dx = fold(g)
namespace {
const Op unfold_op("unfold",
                   [](Sampler& s) -> Sample {
                     const Size2 kernel = {s.size(1, 3), s.size(1, 3)};
                     const Window window = some_window(s);
                     return {{s.normal(some_images(s, kernel, window))},
                             [=](const auto& x) { return unfold(x[0], kernel, window); }};
                   },
                   {{[] {
                       unfold(zeros({1, 1, 2, 2}), {3, 1});
                     },
                     "unfold: the kernel does not fit into the input; got [2, 2] padded by [0, 0]; "
                     "expected at least [3, 1]"},
                    {[] {
                       unfold(zeros({2, 2}), {1, 1});
                     },
                     "unfold: wrong rank of input; got shape [2, 2]; expected 4 dimensions"}});
}
Tensor unfold(const Tensor& x, const Size2& kernel, const Window& window) {
  ops::check_rank("unfold", "input", x, 4);
  const kernels::ConvolutionShape s = ops::window_shape("unfold", x.shape(), kernel, window);
  Tensor y = zeros({s.B, s.C * s.taps(), s.output(0) * s.output(1)}, x.dtype());
  dispatch_floating("unfold", x.dtype(), [&]<class T>() {
    const T* const from = x.data<T>().data();
    T* const to = y.mutable_data<T>().data();
    for_elements(s, [=](std::int64_t element, std::int64_t at) { to[at] = from[element]; });
  });
  return record(unfold_op, {x}, y,
                [size = s.input, kernel, window](const Backward& backward) -> Gradients {
                  return {fold(backward.grad(), size, kernel, window)};
                });
}

// The adjoint: each element of an image is the sum of what the windows have there;  dx = unfold(g)
namespace {
const Op fold_op("fold",
                 [](Sampler& s) -> Sample {
                   const Size2 kernel = {s.size(1, 3), s.size(1, 3)};
                   const Window window = some_window(s);
                   const Shape images = some_images(s, kernel, window);
                   const Tensor windows = unfold(zeros(images), kernel, window);
                   return {{s.normal(windows.shape())}, [=](const auto& x) {
                             return fold(x[0], {images[2], images[3]}, kernel, window);
                           }};
                 },
                 {{[] {
                     fold(zeros({1, 4, 4}), {4, 4}, {2, 2});
                   },
                   "fold: wrong shape of windows; got [1, 4, 4]; expected [1, 4, 9]"},
                  {[] {
                     fold(zeros({1, 3, 9}), {4, 4}, {2, 2});
                   },
                   "fold: rows are no multiple of the kernel; got 3; expected a multiple of 4"}});
}
Tensor fold(const Tensor& windows, const Size2& size, const Size2& kernel, const Window& window) {
  ops::check_rank("fold", "windows", windows, 3);
  const Shape one = {windows.size(0), 1, size[0], size[1]};
  const std::int64_t taps = ops::window_shape("fold", one, kernel, window).taps();
  if (windows.size(1) % taps != 0) {
    fail("fold: rows are no multiple of the kernel; got {}; expected a multiple of {}",
         windows.size(1), taps);
  }
  const Shape images = {windows.size(0), windows.size(1) / taps, size[0], size[1]};
  const kernels::ConvolutionShape s = ops::window_shape("fold", images, kernel, window);
  ops::check_shape("fold", "windows", windows, {s.B, s.C * s.taps(), s.output(0) * s.output(1)});
  Tensor y = zeros(images, windows.dtype());
  dispatch_floating("fold", windows.dtype(), [&]<class T>() {
    const T* const from = windows.data<T>().data();
    T* const to = y.mutable_data<T>().data();
    for_elements(s, [=](std::int64_t element, std::int64_t at) { to[element] += from[at]; });
  });
  return record(fold_op, {windows}, y, [kernel, window](const Backward& backward) -> Gradients {
    return {unfold(backward.grad(), kernel, window)};
  });
}

}  // namespace weft
