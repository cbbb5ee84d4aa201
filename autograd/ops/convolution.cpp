#include "autograd/kernels/convolution.hpp"

#include <algorithm>

#include "autograd/kernels/gemm.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/ops/composed.hpp"
#include "autograd/ops/windows.hpp"
#include "autograd/tape.hpp"

/// Convolutions, that is cross-correlations, as the field calls them.
namespace weft {
namespace {

/// Throws Error unless the groups divide the channels, and weight and bias fit them. `channels`
/// are those of the input.
void check_channels(std::string_view where, std::int64_t channels, const Tensor& weight,
                    const Tensor& bias, std::int64_t groups) {
  if (groups < 1) {
    fail("{}: groups out of range; got {}; expected at least 1", where, groups);
  }
  if (channels % groups != 0 || weight.size(0) % groups != 0) {
    fail("{}: groups do not divide the channels; got {} groups; expected a divisor of {} and {}",
         where, groups, channels, weight.size(0));
  }
  Shape expected = weight.shape();
  expected[1] = channels / groups;
  ops::check_shape(where, "weight", weight, expected);
  if (bias.defined()) {
    ops::check_same_dtype(where, weight, bias);
    ops::check_shape(where, "bias", bias, {weight.size(0)});
  }
}

/// The sizes of a convolution whose channels were checked.
kernels::ConvolutionShape shape_of(std::string_view where, const Tensor& x, const Tensor& weight,
                                   const Window& window, std::int64_t groups) {
  kernels::ConvolutionShape shape =
      ops::window_shape(where, x.shape(), {weight.size(2), weight.size(3)}, window);
  for (const std::size_t axis : {0, 1}) {
    // A stride beyond the image means the same as one that just leaves it.
    const std::int64_t room = shape.input[axis] + 2 * shape.padding[axis] - shape.reach(axis);
    shape.stride[axis] = std::min(shape.stride[axis], room + 1);
  }
  shape.groups = groups;
  shape.C = x.size(1) / groups;
  shape.O = weight.size(0) / groups;
  return shape;
}

/// For GemmLog: the products of one direction.
void note(const kernels::ConvolutionShape& s) {
  GemmLog::note(
      {s.O, s.output(0) * s.output(1), s.C * s.taps(), false, false, false, s.B * s.groups});
}

/// The convolution in elementary ops: a product with the matrix of all windows.
Tensor composed(const Tensor& x, const Tensor& weight, const kernels::ConvolutionShape& s,
                const Window& window) {
  const std::int64_t K = s.C * s.taps();
  const Tensor windows = unfold(x, s.kernel, window);  // [B, groups K, L]
  const std::int64_t L = windows.size(2);
  const Tensor repeated = expand(reshape(weight, {s.groups, s.O, K}), {s.B, s.groups, s.O, K});
  const Tensor y = matmul(reshape(repeated, {s.B * s.groups, s.O, K}),
                          reshape(windows, {s.B * s.groups, K, L}));  // [B groups, O, L]
  return reshape(y, {s.B, s.groups * s.O, s.output(0), s.output(1)});
}

/// The gradients of x and weight by the fast kernels.
Gradients gradients(const Tensor& x, const Tensor& weight, const kernels::ConvolutionShape& shape,
                    const Backward& backward) {
  const Tensor& g = backward.grad();
  Gradients found(3);
  dispatch_floating("convolution", g.dtype(), [&]<class T>() {
    const T* const gy = g.data<T>().data();
    if (backward.needs(0)) {
      note(shape);
      Tensor dx = zeros(x.shape(), g.dtype());
      kernels::convolution_input_gradient(shape, gy, weight.data<T>().data(),
                                          dx.mutable_data<T>().data());
      found[0] = dx;
    }
    if (backward.needs(1)) {
      note(shape);
      Tensor dw = zeros(weight.shape(), g.dtype());
      kernels::convolution_weight_gradient(shape, x.data<T>().data(), gy,
                                           dw.mutable_data<T>().data());
      found[1] = dw;
    }
  });
  return found;
}

/// The convolution of arguments whose channels were checked, recorded as `op`.
Tensor convolve(const Op& op, const Tensor& x, const Tensor& weight, const Tensor& bias,
                const Window& window, std::int64_t groups) {
  ops::check_same_dtype(op.name(), x, weight);
  const kernels::ConvolutionShape shape = shape_of(op.name(), x, weight, window, groups);
  note(shape);
  Tensor y = empty({shape.B, groups * shape.O, shape.output(0), shape.output(1)}, x.dtype());
  dispatch_floating(op.name(), x.dtype(), [&]<class T>() {
    kernels::convolution<T>(shape, x.data<T>().data(), weight.data<T>().data(),
                            bias.defined() ? bias.data<T>().data() : nullptr,
                            y.mutable_data<T>().data());
  });
  return record(
      op, {x, weight, bias}, y,
      [x = Saved(x), weight = Saved(weight), shape, window](const Backward& backward) -> Gradients {
        const auto in_ops = [&](const std::vector<Tensor>& t) {
          return std::vector{composed(t[0], t[1], shape, window)};
        };
        Gradients found = grad_enabled() ? composed_gradients(in_ops, {*x, *weight}, backward)
                                         : gradients(*x, *weight, shape, backward);
        found.resize(3);
        if (backward.needs(2)) {
          found[2] = sum(backward.grad(), {0, 2, 3});  // [O]
        }
        return found;
      });
}

}  // namespace

// y[b, o, i] = bias[o] + sum_c,k w[o, c, k] x[b, c, stride i + dilation k - padding], where x is 0
// outside; i and k are pairs, and c runs over the channels of the group of o.
//
// dx[b, c, j] = sum w[o, c, k] g[b, o, i] over all o, i, k with stride i + dilation k - padding = j
// dw[o, c, k] = sum_b,i g[b, o, i] x[b, c, stride i + dilation k - padding],  dbias = sum_b,i g
namespace {
const Op conv2d_op(
    "conv2d",
    [](Sampler& s) -> Sample {
      const std::int64_t groups = s.size(1, 2);
      const Size2 kernel = {s.size(1, 3), s.size(1, 3)};
      const Window window = {
          {s.size(1, 3), s.size(1, 2)}, {s.size(0, 2), s.size(0, 2)}, {s.size(1, 2), s.size(1, 2)}};
      const Shape x = {s.size(0, 2), groups * s.size(0, 2),
                       s.size(0, 3) + window.dilation[0] * (kernel[0] - 1) + 1,
                       s.size(0, 3) + window.dilation[1] * (kernel[1] - 1) + 1};
      const std::int64_t O = groups * s.size(1, 3);
      return {{s.normal(x), s.normal({O, x[1] / groups, kernel[0], kernel[1]}), s.normal({O})},
              [=](const auto& t) { return conv2d(t[0], t[1], t[2], window, groups); }};
    },
    {{[] {
        conv2d(zeros({1, 2, 4, 4}), zeros({3, 1, 2, 2}));
      },
      "conv2d: wrong shape of weight; got [3, 1, 2, 2]; expected [3, 2, 2, 2]"},
     {[] {
        conv2d(zeros({1, 3, 4, 4}), zeros({4, 1, 2, 2}), {}, {}, 2);
      },
      "conv2d: groups do not divide the channels; got 2 groups; expected a divisor of 3 and 4"},
     {[] {
        conv2d(zeros({1, 3, 4, 4}), zeros({4, 3, 2, 2}), {}, {}, 0);
      },
      "conv2d: groups out of range; got 0; expected at least 1"},
     {[] {
        conv2d(zeros({1, 1, 2, 2}), zeros({1, 1, 3, 2}));
      },
      "conv2d: the kernel does not fit into the input; got [2, 2] padded by [0, 0]; expected at "
      "least [3, 2]"},
     {[] {
        conv2d(zeros({1, 1, 2, 2}), zeros({1, 1, 1, 1}), {}, {.stride = {0, 1}});
      },
      "conv2d: stride out of range; got [0, 1]; expected at least 1"},
     {[] {
        conv2d(zeros({1, 1, 2, 2}), zeros({1, 1, 1, 1}), zeros({2}));
      },
      "conv2d: wrong shape of bias; got [2]; expected [1]"},
     {[] {
        conv2d(zeros({1, 2, 2}), zeros({1, 1, 1, 1}));
      },
      "conv2d: wrong rank of input; got shape [1, 2, 2]; expected 4 dimensions"}});
}
Tensor conv2d(const Tensor& x, const Tensor& weight, const Tensor& bias, const Window& window,
              std::int64_t groups) {
  ops::check_rank("conv2d", "input", x, 4);
  ops::check_rank("conv2d", "weight", weight, 4);
  check_channels("conv2d", x.size(1), weight, bias, groups);
  return convolve(conv2d_op, x, weight, bias, window, groups);
}

// The same with images of height 1.
namespace {
const Op conv1d_op(
    "conv1d",
    [](Sampler& s) -> Sample {
      const std::int64_t groups = s.size(1, 2);
      const std::int64_t kernel = s.size(1, 3);
      const std::int64_t stride = s.size(1, 3);
      const std::int64_t padding = s.size(0, 2);
      const std::int64_t dilation = s.size(1, 2);
      const Shape x = {s.size(0, 3), groups * s.size(1, 2),
                       s.size(0, 4) + dilation * (kernel - 1) + 1};
      const std::int64_t O = groups * s.size(1, 3);
      return {{s.normal(x), s.normal({O, x[1] / groups, kernel}), s.normal({O})},
              [=](const auto& t) {
                return conv1d(t[0], t[1], t[2], stride, padding, dilation, groups);
              }};
    },
    {{[] {
        conv1d(zeros({1, 3, 4}), zeros({4, 1, 2}), {}, 1, 0, 1, 2);
      },
      "conv1d: groups do not divide the channels; got 2 groups; expected a divisor of 3 and 4"},
     {[] {
        conv1d(zeros({1, 4}), zeros({1, 1, 1}));
      },
      "conv1d: wrong rank of input; got shape [1, 4]; expected 3 dimensions"}});

/// A sequence or its kernel as an image or kernel of height 1: [A, B, C] -> [A, B, 1, C].
Tensor as_image(const Tensor& x) { return reshape(x, {x.size(0), x.size(1), 1, x.size(2)}); }

/// Throws Error if the numbers are out of range or the kernel does not fit into a sequence.
void check_length(std::int64_t length, std::int64_t kernel, std::int64_t stride,
                  std::int64_t padding, std::int64_t dilation) {
  constexpr std::int64_t kMost = std::int64_t{1} << 31;  // the product of two is an integer
  const auto require = [kMost](std::string_view what, std::int64_t value, std::int64_t least) {
    if (value < least || value >= kMost) {
      fail("conv1d: {} out of range; got {}; expected [{}, {})", what, value, least, kMost);
    }
  };
  require("length of the sequences", length, 0);
  require("kernel", kernel, 1);
  require("stride", stride, 1);
  require("padding", padding, 0);
  require("dilation", dilation, 1);
  const std::int64_t reach = dilation * (kernel - 1) + 1;
  if (length + 2 * padding < reach) {
    fail(
        "conv1d: the kernel does not fit into the input; got {} padded by {}; expected at least {}",
        length, padding, reach);
  }
}
}  // namespace
Tensor conv1d(const Tensor& x, const Tensor& weight, const Tensor& bias, std::int64_t stride,
              std::int64_t padding, std::int64_t dilation, std::int64_t groups) {
  ops::check_rank("conv1d", "input", x, 3);
  ops::check_rank("conv1d", "weight", weight, 3);
  check_channels("conv1d", x.size(1), weight, bias, groups);
  check_length(x.size(2), weight.size(2), stride, padding, dilation);
  const Window window = {{1, stride}, {0, padding}, {1, dilation}};
  const Tensor y = convolve(conv1d_op, as_image(x), as_image(weight), bias, window, groups);
  return reshape(y, {y.size(0), y.size(1), y.size(3)});
}

}  // namespace weft
