#include <algorithm>
#include <cmath>

#include "autograd/kernels/parallel.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/ops/windows.hpp"
#include "autograd/tape.hpp"

/// Pooling: one number for each window of an image.
namespace weft {
namespace {

/// The sizes of the windows. Throws Error if one may lie outside its image.
kernels::ConvolutionShape pooling_shape(std::string_view where, const Tensor& x,
                                        const Size2& kernel, const Window& window) {
  ops::check_rank(where, "input", x, 4);
  const kernels::ConvolutionShape shape = ops::window_shape(where, x.shape(), kernel, window);
  if (shape.input[0] == 0 || shape.input[1] == 0) {
    fail("{}: wrong shape of input; got {}; expected images of at least 1 x 1", where, x.shape());
  }
  if (window.dilation != Size2{1, 1}) {
    fail("{}: dilation out of range; got {}; expected [1, 1]", where, window.dilation);
  }
  if (2 * window.padding[0] > kernel[0] || 2 * window.padding[1] > kernel[1]) {
    fail("{}: padding out of range; got {} for a kernel of {}; expected at most half of it", where,
         window.padding, kernel);
  }
  return shape;
}

/// The part of a window that is inside the image: rows and columns.
struct Inside {
  std::int64_t top, bottom, left, right;
};

/// Calls f(channel, window, part of it inside) for the windows of all channels of all images.
template <class F>
void for_windows(const kernels::ConvolutionShape& s, F f) {
  const std::int64_t OH = s.output(0);
  const std::int64_t OW = s.output(1);
  const auto channel = [&](std::int64_t c) {
    std::int64_t i = 0;
    for (std::int64_t oy = 0; oy < OH; ++oy) {
      const std::int64_t top = oy * s.stride[0] - s.padding[0];
      const std::int64_t bottom = std::min(top + s.kernel[0], s.input[0]);
      for (std::int64_t ox = 0; ox < OW; ++ox, ++i) {
        const std::int64_t left = ox * s.stride[1] - s.padding[1];
        f(c, i,
          Inside{std::max<std::int64_t>(top, 0), bottom, std::max<std::int64_t>(left, 0),
                 std::min(left + s.kernel[1], s.input[1])});
      }
    }
  };
  parallel_for(s.B * s.C, s.B * s.C * OH * OW * s.taps(),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t c = begin; c < end; ++c) {
                   channel(c);
                 }
               });
}

Shape output_shape(const kernels::ConvolutionShape& s) {
  return {s.B, s.C, s.output(0), s.output(1)};
}

/// Images with no two equal elements nearby, so that finite differences stay off a maximum's kinks.
Tensor distinct_images(Sampler& s, const Shape& shape) {
  Tensor x = s.uniform(shape, 0, 0.1);
  const std::int64_t n = x.numel();
  for (std::int64_t i = 0; i < n; ++i) {
    constexpr std::int64_t kStep = 7919;  // a prime: visits all of up to so many places
    x.mutable_data<double>()[static_cast<std::size_t>(i)] += static_cast<double>(i * kStep % n);
  }
  return x;
}

template <Tensor (*F)(const Tensor&, const Size2&, const Window&), bool kDistinct>
Sample pooling_sample(Sampler& s) {
  const Size2 kernel = {s.size(1, 3), s.size(1, 3)};
  const Window window = {
      {s.size(1, 3), s.size(1, 3)}, {s.size(0, kernel[0] / 2), s.size(0, kernel[1] / 2)}, {1, 1}};
  const Shape shape = {s.size(0, 2), s.size(1, 2), s.size(0, 3) + kernel[0],
                       s.size(0, 3) + kernel[1]};
  return {{kDistinct ? distinct_images(s, shape) : s.normal(shape)},
          [=](const auto& x) { return F(x[0], kernel, window); }};
}

template <Tensor (*F)(const Tensor&, const Size2&, const Window&)>
std::vector<ErrorSample> pooling_errors(const std::string& where) {
  return {
      {[] {
         F(zeros({1, 1, 2, 2}), {3, 1}, {});
       },
       where + ": the kernel does not fit into the input; got [2, 2] padded by [0, 0]; expected "
               "at least [3, 1]"},
      {[] {
         F(zeros({1, 1, 2, 2}), {2, 2}, {.padding = {0, 2}});
       },
       where + ": padding out of range; got [0, 2] for a kernel of [2, 2]; expected at most "
               "half of it"},
      {[] {
         F(zeros({1, 1, 4, 4}), {2, 2}, {.dilation = {2, 2}});
       },
       where + ": dilation out of range; got [2, 2]; expected [1, 1]"}};
}

/// Writes the largest element of each window, the first of equals, and its place in the image.
template <class T>
void largest(const kernels::ConvolutionShape& s, const T* x, T* y, std::int64_t* places) {
  const std::int64_t W = s.input[1];
  const std::int64_t windows = s.output(0) * s.output(1);
  for_windows(s, [=, &s](std::int64_t c, std::int64_t i, const Inside& in) {
    const T* const image = x + c * s.input[0] * W;
    std::int64_t best = in.top * W + in.left;
    for (std::int64_t iy = in.top; iy < in.bottom; ++iy) {
      for (std::int64_t at = iy * W + in.left; at < iy * W + in.right; ++at) {
        const bool first_nan = std::isnan(image[at]) && !std::isnan(image[best]);
        best = image[at] > image[best] || first_nan ? at : best;
      }
    }
    y[c * windows + i] = image[best];
    places[c * windows + i] = best;
  });
}

}  // namespace

// y_i = max_k x_(stride i + k - padding) over the k inside the image;  dx: each g where its y is
namespace {
const Op max_pool2d_op("max_pool2d", pooling_sample<max_pool2d, true>,
                       pooling_errors<max_pool2d>("max_pool2d"));
}
Tensor max_pool2d(const Tensor& x, const Size2& kernel, const Window& window) {
  const kernels::ConvolutionShape s = pooling_shape("max_pool2d", x, kernel, window);
  const std::int64_t windows = s.output(0) * s.output(1);
  Tensor y = empty(output_shape(s), x.dtype());
  Tensor places = empty({s.B * s.C, windows}, DType::int64);
  dispatch_floating("max_pool2d", x.dtype(), [&]<class T>() {
    largest(s, x.data<T>().data(), y.mutable_data<T>().data(),
            places.mutable_data<std::int64_t>().data());
  });
  return record(max_pool2d_op, {x}, y, [s, places](const Backward& backward) -> Gradients {
    const Tensor& g = backward.grad();
    const Tensor flat = reshape(g, places.shape());
    const Tensor images = zeros({s.B * s.C, s.input[0] * s.input[1]}, g.dtype());
    return {reshape(scatter_add(images, 1, places, flat), {s.B, s.C, s.input[0], s.input[1]})};
  });
}

// y_i = 1/K sum_k x_(stride i + k - padding), K elements k, of which those outside the image are 0
// dx_j = 1/K sum g_i over the windows i that contain j
namespace {
const Op avg_pool2d_op("avg_pool2d", pooling_sample<avg_pool2d, false>,
                       pooling_errors<avg_pool2d>("avg_pool2d"));

template <class T>
void averages(const kernels::ConvolutionShape& s, const T* x, T* y) {
  const std::int64_t windows = s.output(0) * s.output(1);
  for_windows(s, [=, &s](std::int64_t c, std::int64_t i, const Inside& in) {
    double total = 0;
    for (std::int64_t iy = in.top; iy < in.bottom; ++iy) {
      const T* const line = x + (c * s.input[0] + iy) * s.input[1];
      for (std::int64_t ix = in.left; ix < in.right; ++ix) {
        total += static_cast<double>(line[ix]);
      }
    }
    y[c * windows + i] = static_cast<T>(total / static_cast<double>(s.taps()));
  });
}

template <class T>
void spread(const kernels::ConvolutionShape& s, const T* g, T* dx) {
  const std::int64_t windows = s.output(0) * s.output(1);
  for_windows(s, [=, &s](std::int64_t c, std::int64_t i, const Inside& in) {
    const T share = g[c * windows + i] / static_cast<T>(s.taps());
    for (std::int64_t iy = in.top; iy < in.bottom; ++iy) {
      T* const line = dx + (c * s.input[0] + iy) * s.input[1];
      for (std::int64_t ix = in.left; ix < in.right; ++ix) {
        line[ix] += share;
      }
    }
  });
}

/// The gradient in elementary ops.
Tensor composed_spread(const kernels::ConvolutionShape& s, const Tensor& g, const Window& window) {
  const std::int64_t windows = s.output(0) * s.output(1);
  const Tensor shares = reshape(g, {s.B, s.C, 1, windows}) / static_cast<double>(s.taps());
  const Tensor repeated = expand(shares, {s.B, s.C, s.taps(), windows});
  return fold(reshape(repeated, {s.B, s.C * s.taps(), windows}), s.input, s.kernel, window);
}
}  // namespace
Tensor avg_pool2d(const Tensor& x, const Size2& kernel, const Window& window) {
  const kernels::ConvolutionShape s = pooling_shape("avg_pool2d", x, kernel, window);
  Tensor y = empty(output_shape(s), x.dtype());
  dispatch_floating("avg_pool2d", x.dtype(), [&]<class T>() {
    averages(s, x.data<T>().data(), y.mutable_data<T>().data());
  });
  return record(avg_pool2d_op, {x}, y, [s, window](const Backward& backward) -> Gradients {
    const Tensor& g = backward.grad();
    if (grad_enabled()) {
      return {composed_spread(s, g, window)};
    }
    Tensor dx = zeros({s.B, s.C, s.input[0], s.input[1]}, g.dtype());
    dispatch_floating("avg_pool2d", g.dtype(), [&]<class T>() {
      spread(s, g.data<T>().data(), dx.mutable_data<T>().data());
    });
    return {dx};
  });
}

}  // namespace weft
