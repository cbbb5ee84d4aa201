#include "autograd/kernels/convolution.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/kernels/workspace.hpp"
#include "autograd/threads.hpp"

// An image is split into phases, one for each remainder of a padded row and column modulo the
// stride, so that neighboring outputs read neighboring elements of a phase. Outputs have the row
// length of a phase, `cols`, too: output (oy, ox) is number q = oy cols + ox, and element (ky, kx)
// of the kernel reads what stands q behind a fixed offset in its phase. Numbers q with ox >= OW are
// computed and dropped.
namespace weft::kernels {
namespace {

constexpr std::int64_t kTogether = 4 * kMostPanel;      // outputs of a task,
constexpr std::int64_t kMost = kTogether + kMostPanel;  // and at most, if few are left behind
constexpr std::int64_t kSlack = kMostPanel;             // read behind the last plane

/// The layout of phases, of those that any element of the kernel reads.
struct Phases {
  explicit Phases(const ConvolutionShape& s)
      : shape(s),
        last{(s.reach(0) - 1) / s.stride[0], (s.reach(1) - 1) / s.stride[1]},
        rows(s.output(0) + last[0]),
        cols(s.output(1) + last[1]) {
    for (const std::size_t axis : {0, 1}) {
      std::set<std::int64_t> all;
      for (std::int64_t k = 0; k < s.kernel[axis]; ++k) {
        all.insert(s.dilation[axis] * k % s.stride[axis]);
      }
      remainders_[axis].assign(all.begin(), all.end());
    }
  }

  std::int64_t count() const { return std::ssize(remainders_[0]) * std::ssize(remainders_[1]); }
  std::int64_t plane() const { return rows * cols; }
  /// The numbers q of outputs, up to the last one.
  std::int64_t outputs() const { return (shape.output(0) - 1) * cols + shape.output(1); }
  /// The row and column of the image that a phase begins with.
  Size2 origin(std::int64_t phase) const {
    const std::int64_t across = std::ssize(remainders_[1]);
    return {remainders_[0][static_cast<std::size_t>(phase / across)] - shape.padding[0],
            remainders_[1][static_cast<std::size_t>(phase % across)] - shape.padding[1]};
  }
  /// The phase that a tap reads, and where it reads for output 0.
  std::int64_t phase(std::int64_t tap) const {
    return place(0, tap / shape.kernel[1]) * std::ssize(remainders_[1]) +
           place(1, tap % shape.kernel[1]);
  }
  std::int64_t shift(std::int64_t tap) const {
    return shape.dilation[0] * (tap / shape.kernel[1]) / shape.stride[0] * cols +
           shape.dilation[1] * (tap % shape.kernel[1]) / shape.stride[1];
  }

  const ConvolutionShape& shape;
  Size2 last;         // shifts of the last tap, in rows and columns
  std::int64_t rows;  // of a phase
  std::int64_t cols;  // of a phase

 private:
  /// Which of the remainders along an axis element k of the kernel reads.
  std::int64_t place(std::size_t axis, std::int64_t k) const {
    return std::ranges::lower_bound(remainders_[axis],
                                    shape.dilation[axis] * k % shape.stride[axis]) -
           remainders_[axis].begin();
  }

  std::array<std::vector<std::int64_t>, 2> remainders_;  // modulo the stride, sorted
};

/// Of `count` places, `step` apart from `begin` on: the number of the first that is in [0, size),
/// and of the one behind the last.
std::pair<std::int64_t, std::int64_t> inside(std::int64_t begin, std::int64_t step,
                                             std::int64_t count, std::int64_t size) {
  const std::int64_t first = begin >= 0 ? 0 : (-begin + step - 1) / step;
  const std::int64_t last = begin >= size ? 0 : (size - begin + step - 1) / step;
  return {std::min(first, count), std::clamp(last, std::min(first, count), count)};
}

/// Copies a channel x [H, W] to its places in all phases, the first of which is at `to`; those of
/// the others are `between` apart. What is there already must be zero where there is padding.
template <class T>
void split(const Phases& p, const T* x, T* to, std::int64_t between) {
  const ConvolutionShape& s = p.shape;
  for (std::int64_t phase = 0; phase < p.count(); ++phase) {
    const auto [top, left] = p.origin(phase);
    const auto [first_row, last_row] = inside(top, s.stride[0], p.rows, s.input[0]);
    const auto [first, last] = inside(left, s.stride[1], p.cols, s.input[1]);
    for (std::int64_t row = first_row; row < last_row; ++row) {
      const T* const from = x + (top + row * s.stride[0]) * s.input[1] + left;
      T* const line = to + phase * between + row * p.cols;
      if (s.stride[1] == 1) {
        std::copy(from + first, from + last, line + first);
        continue;
      }
      for (std::int64_t col = first; col < last; ++col) {
        line[col] = from[col * s.stride[1]];
      }
    }
  }
}

/// The offsets of all taps of all channels of a group, in the order of the weight's elements.
/// Planes are [phases, C, plane].
std::vector<std::int64_t> offsets(const Phases& p) {
  std::vector<std::int64_t> all;
  for (std::int64_t c = 0; c < p.shape.C; ++c) {
    for (std::int64_t tap = 0; tap < p.shape.taps(); ++tap) {
      all.push_back((p.phase(tap) * p.shape.C + c) * p.plane() + p.shift(tap));
    }
  }
  return all;
}

/// All images in phases, for each group of each image [phases, C, plane], and slack.
template <class T>
class Images {
 public:
  Images(const Phases& p, const T* x)
      : stride_(p.count() * p.shape.C * p.plane()),
        elements_(zeros({p.shape.B * p.shape.groups * stride_ + kSlack}, dtype_of<T>())),
        data_(elements_.template mutable_data<T>().data()) {
    const std::int64_t channels = p.shape.B * p.shape.groups * p.shape.C;
    const std::int64_t size = p.shape.input[0] * p.shape.input[1];
    parallel_for(channels, channels * size, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        T* const group = data_ + i / p.shape.C * stride_;
        split(p, x + i * size, group + i % p.shape.C * p.plane(), p.shape.C * p.plane());
      }
    });
  }

  /// A group of an image; number `i` of all groups of all images.
  const T* group(std::int64_t i) const { return data_ + i * stride_; }

 private:
  std::int64_t stride_;
  Tensor elements_;
  T* data_;
};

/// The gradients of all outputs, in rows as long as those of a phase, with zeros between them, and
/// before and behind each channel where a shifted read may begin and end.
template <class T>
class OutputGradients {
 public:
  OutputGradients(const Phases& p, const T* g)
      : margin_(p.last[0] * p.cols + p.last[1]),
        stride_(margin_ + p.plane()),
        elements_(
            zeros({p.shape.B * p.shape.groups * p.shape.O * stride_ + kSlack}, dtype_of<T>())),
        data_(elements_.template mutable_data<T>().data()) {
    const std::int64_t OH = p.shape.output(0);
    const std::int64_t OW = p.shape.output(1);
    const std::int64_t channels = p.shape.B * p.shape.groups * p.shape.O;
    parallel_for(channels, channels * OH * OW, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        for (std::int64_t row = 0; row < OH; ++row) {
          std::copy_n(g + (i * OH + row) * OW, OW, data_ + i * stride_ + margin_ + row * p.cols);
        }
      }
    });
  }

  /// Output 0 of a channel; number `i` of all channels of all images.
  const T* channel(std::int64_t i) const { return data_ + i * stride_ + margin_; }
  /// From one channel to the next.
  std::int64_t stride() const { return stride_; }

 private:
  std::int64_t margin_;
  std::int64_t stride_;
  Tensor elements_;
  T* data_;
};

/// Calls f(group of an image, first q, number of q) for all numbers below `last` of all groups.
template <class F>
void for_outputs(const ConvolutionShape& s, std::int64_t last, F f) {
  const std::int64_t parts =
      std::max<std::int64_t>(1, (last - kMostPanel + kTogether - 1) / kTogether);
  const std::int64_t jobs = s.B * s.groups * parts;
  const std::int64_t work = s.B * s.groups * last * s.O * s.C * s.taps() / kProductsPerElement;
  parallel_for(jobs, work, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t job = begin; job < end; ++job) {
      const std::int64_t part = job % parts;
      const std::int64_t q = part * kTogether;
      f(job / parts, q, part + 1 == parts ? last - q : kTogether);
    }
  });
}

/// Calls f(row, column, from, count) for each run of the numbers [q, q + size) within a row: it
/// begins in this column and at `from` of them. Columns from `width` on are left out.
template <class F>
void for_runs(std::int64_t q, std::int64_t size, std::int64_t cols, std::int64_t width, F f) {
  for (std::int64_t i = 0; i < size;) {
    const std::int64_t column = (q + i) % cols;
    const std::int64_t count = std::min(size - i, cols - column);
    if (column < width) {
      f((q + i) / cols, column, i, std::min(count, width - column));
    }
    i += count;
  }
}

}  // namespace

template <class T>
void convolution(const ConvolutionShape& shape, const T* x, const T* w, const T* bias, T* y) {
  const Phases p(shape);
  const Images<T> images(p, x);
  const std::vector<std::int64_t> at = offsets(p);
  const auto products = vector_kernels<T>().shifted_products;
  const std::int64_t O = shape.O;
  const std::int64_t OH = shape.output(0);
  const std::int64_t OW = shape.output(1);
  const std::int64_t K = shape.C * shape.taps();
  for_outputs(shape, p.outputs(), [&](std::int64_t i, std::int64_t q, std::int64_t size) {
    const std::int64_t first = i % shape.groups * O;  // output channel of all groups
    const Workspace<T> block(O * kMost);
    products(w + first * K, K, O, images.group(i) + q, at.data(), K, size, block.data(), kMost);
    for (std::int64_t o = 0; o < O; ++o) {
      const T* const from = block.data() + o * kMost;
      const T start = bias == nullptr ? T{0} : bias[first + o];
      for_runs(q, size, p.cols, OW, [&](auto row, auto column, auto begin, auto count) {
        T* const to = y + ((i * O + o) * OH + row) * OW + column;
#pragma omp simd
        for (std::int64_t j = 0; j < count; ++j) {
          to[j] = from[begin + j] + start;
        }
      });
    }
  });
}

namespace {

/// What the elements of a phase are the inputs of: for each output channel, the taps that read the
/// phase.
template <class T>
struct Readers {
  /// `stride`: from one channel of gradients to the next.
  Readers(const Phases& p, std::int64_t phase, const T* w, std::int64_t stride) {
    const ConvolutionShape& s = p.shape;
    std::vector<std::int64_t> taps;
    for (std::int64_t tap = 0; tap < s.taps(); ++tap) {
      if (p.phase(tap) == phase) {
        taps.push_back(tap);
      }
    }
    for (std::int64_t o = 0; o < s.O; ++o) {
      for (const std::int64_t tap : taps) {
        offsets.push_back(o * stride - p.shift(tap));
      }
    }
    for (std::int64_t row = 0; row < s.groups * s.C; ++row) {
      for (std::int64_t o = 0; o < s.O; ++o) {
        for (const std::int64_t tap : taps) {
          weights.push_back(w[((row / s.C * s.O + o) * s.C + row % s.C) * s.taps() + tap]);
        }
      }
    }
  }

  std::int64_t count() const { return std::ssize(offsets); }

  std::vector<std::int64_t> offsets;  // of their gradients: [O, taps]
  std::vector<T> weights;             // [groups, C, O, taps]
};

}  // namespace

// dx at q in a phase: the sum over the phase's taps and all output channels of w times the g at q -
// shift.
template <class T>
void convolution_input_gradient(const ConvolutionShape& shape, const T* g, const T* w, T* dx) {
  const Phases p(shape);
  const OutputGradients<T> gradients(p, g);
  const auto products = vector_kernels<T>().shifted_products;
  const std::int64_t C = shape.C;
  for (std::int64_t phase = 0; phase < p.count(); ++phase) {
    const Readers<T> readers(p, phase, w, gradients.stride());
    const std::int64_t K = readers.count();
    const Size2 origin = p.origin(phase);
    for_outputs(shape, p.plane(), [&](std::int64_t i, std::int64_t q, std::int64_t size) {
      const Workspace<T> block(C * kMost);
      products(readers.weights.data() + i % shape.groups * C * K, K, C,
               gradients.channel(i * shape.O) + q, readers.offsets.data(), K, size, block.data(),
               kMost);
      for_runs(q, size, p.cols, p.cols, [&](auto row, auto column, auto begin, auto count) {
        const std::int64_t iy = origin[0] + row * shape.stride[0];
        const std::int64_t ix = origin[1] + column * shape.stride[1];
        if (iy < 0 || iy >= shape.input[0]) {
          return;
        }
        const auto range = inside(ix, shape.stride[1], count, shape.input[1]);
        for (std::int64_t c = 0; c < C; ++c) {
          T* const line = dx + ((i * C + c) * shape.input[0] + iy) * shape.input[1];
          const T* const from = block.data() + c * kMost + begin;
          for (std::int64_t j = range.first; j < range.second; ++j) {
            line[ix + j * shape.stride[1]] = from[j];
          }
        }
      });
    });
  }
}

// dw[o, k] is the sum over q of g at q times what is at q behind the offset of k: the products with
// the rows that begin at the offsets.
template <class T>
void convolution_weight_gradient(const ConvolutionShape& shape, const T* x, const T* g, T* dw) {
  constexpr std::int64_t kDepth = 256;  // numbers q of a packed panel, which is in the L1 cache
  const Phases p(shape);
  const Images<T> images(p, x);
  const OutputGradients<T> gradients(p, g);
  const std::vector<std::int64_t> at = offsets(p);
  const auto& kernels = vector_kernels<T>();
  const std::int64_t O = shape.O;
  const auto K = static_cast<std::int64_t>(at.size());
  const std::int64_t panels = (K + kernels.panel - 1) / kernels.panel;
  // A task takes several panels, so that an image stays in the cache for all of them.
  const std::int64_t tasks = 2 * num_threads();
  const std::int64_t together = std::max<std::int64_t>(1, (panels + tasks - 1) / tasks);
  const std::int64_t parts = (panels + together - 1) / together;
  const auto add_image = [&](std::int64_t i, std::int64_t begin, std::int64_t end, T* panel) {
    T* const to = dw + i % shape.groups * O * K;
    for (std::int64_t k = begin * kernels.panel; k < std::min(end * kernels.panel, K);
         k += kernels.panel) {
      const std::int64_t columns = std::min(kernels.panel, K - k);
      for (std::int64_t q = 0; q < p.outputs(); q += kDepth) {
        const std::int64_t depth = std::min(kDepth, p.outputs() - q);
        kernels.pack_shifted(images.group(i) + q, at.data() + k, columns, depth, panel);
        kernels.packed_products(gradients.channel(i * O) + q, gradients.stride(), O, panel, to + k,
                                K, columns, depth, to + k, K);
      }
    }
  };
  const std::int64_t work = shape.B * shape.groups * O * K * p.outputs() / kProductsPerElement;
  parallel_for(shape.groups * parts, work, [&](std::int64_t begin, std::int64_t end) {
    const Workspace<T> panel(kernels.panel * kDepth);
    for (std::int64_t job = begin; job < end; ++job) {
      const std::int64_t first = job % parts * together;
      for (std::int64_t i = job / parts; i < shape.B * shape.groups; i += shape.groups) {
        add_image(i, first, first + together, panel.data());
      }
    }
  });
}

template void convolution(const ConvolutionShape&, const float*, const float*, const float*,
                          float*);
template void convolution(const ConvolutionShape&, const double*, const double*, const double*,
                          double*);
template void convolution_input_gradient(const ConvolutionShape&, const float*, const float*,
                                         float*);
template void convolution_input_gradient(const ConvolutionShape&, const double*, const double*,
                                         double*);
template void convolution_weight_gradient(const ConvolutionShape&, const float*, const float*,
                                          float*);
template void convolution_weight_gradient(const ConvolutionShape&, const double*, const double*,
                                          double*);

}  // namespace weft::kernels
