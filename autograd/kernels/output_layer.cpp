#include "autograd/kernels/output_layer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>

#include "autograd/kernels/parallel.hpp"

namespace weft::kernels {
namespace {

constexpr std::int64_t kLogits = std::int64_t{1} << 21;  // of a block: they stay in the L3 cache
constexpr std::int64_t kFewestRows = 48;
constexpr std::int64_t kMostRows = 240;  // of a tile, which stays in the L1 cache
constexpr std::int64_t kDepth = 256;     // features of a panel of the weight, for the same reason
constexpr std::int64_t kPiece = 1024;    // elements of a tile that go through all primitives

std::int64_t divided(std::int64_t n, std::int64_t by) { return (n + by - 1) / by; }

/// The larger one; NaN if either is.
template <class T>
T larger(T a, T b) {
  return a > b || a != a ? a : b;
}

/// Combines the lanes of a row, pairs of them at first: kMostPanel / P parts of P lanes each,
/// `stride` apart.
template <class T, class F>
T combine_lanes(const T* row, std::int64_t P, std::int64_t stride, F combine) {
  std::array<T, kMostPanel> lanes;
  for (std::int64_t part = 0; part < kMostPanel / P; ++part) {
    std::copy_n(row + part * stride, P, lanes.begin() + part * P);
  }
  for (std::size_t half = lanes.size() / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) {
      lanes[i] = combine(lanes[i], lanes[i + half]);
    }
  }
  return lanes[0];
}

}  // namespace

template <class T>
OutputLayer<T>::OutputLayer(const T* weight, const T* bias, std::int64_t V, std::int64_t I)
    : weight_(weight),
      V_(V),
      I_(I),
      panel_(kernels_.panel),
      panels_(divided(V, panel_)),
      groups_(divided(V, kGroup)),
      packed_(panels_ * I * panel_),
      bias_(static_cast<std::size_t>(panels_ * panel_), -std::numeric_limits<T>::infinity()) {
  parallel_for(panels_, V * I, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t first = begin * panel_;
    kernels_.pack(weight + first * I, std::min(end * panel_, V) - first, I, I, 1,
                  packed_.data() + first * I);
  });
  if (bias == nullptr) {
    std::fill_n(bias_.begin(), V, T{0});
  } else {
    std::copy_n(bias, V, bias_.begin());
  }
}

template <class T>
std::int64_t OutputLayer<T>::rows_at_a_time(std::int64_t N) const {
  const std::int64_t most = std::clamp(kLogits / V_, kFewestRows, kMostRows);
  return divided(N, std::max<std::int64_t>(divided(N, most), 1));  // blocks of similar size
}

template <class T>
template <class F>
void OutputLayer<T>::for_each_group(F f) const {
  parallel_for(groups_, rows_ * V_ * I_ / kProductsPerElement,
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t group = begin; group < end; ++group) {
                   f(group);
                 }
               });
}

template <class T>
template <class F>
void OutputLayer<T>::for_each_panel(std::int64_t group, F f) const {
  const std::int64_t end = std::min((group + 1) * kGroup / panel_, panels_);
  for (std::int64_t panel = group * kGroup / panel_; panel < end; ++panel) {
    f(panel);
  }
}

// Each group subtracts its own largest logit m_g, so that its tiles are still in the cache. With
// s_g = sum of e^(z - m_g) over the group and M the largest m_g, the row's sum is
//   sum_v e^(z_v - M) = sum_g s_g e^(m_g - M)
template <class T>
void OutputLayer<T>::forward(const T* x, const std::int64_t* targets, std::int64_t rows) {
  x_ = x;
  targets_ = targets;
  rows_ = rows;
  tiles_.reserve(panels_ * tile_size());
  largest_.resize(static_cast<std::size_t>(groups_ * rows));
  sums_.resize(static_cast<std::size_t>(groups_ * rows));
  target_logits_.resize(static_cast<std::size_t>(rows));
  normalizers_.resize(static_cast<std::size_t>(rows));
  for_each_group([this](std::int64_t group) { forward_group(group); });
  for (std::int64_t row = 0; row < rows; ++row) {
    T largest = largest_[static_cast<std::size_t>(row)];
    for (std::int64_t i = row; i < groups_ * rows; i += rows) {
      largest = larger(largest, largest_[static_cast<std::size_t>(i)]);
    }
    T sum = 0;
    for (std::int64_t i = row; i < groups_ * rows; i += rows) {
      const auto g = static_cast<std::size_t>(i);
      sum += sums_[g] * exp(largest_[g] - largest);
    }
    normalizers_[static_cast<std::size_t>(row)] = {largest, log(sum)};
  }
}

template <class T>
void OutputLayer<T>::forward_group(std::int64_t group) {
  const Workspace<T> lanes(kLanes * rows_);
  const Workspace<T> largest(tile_size());
  std::fill_n(lanes.data(), kLanes * rows_, -std::numeric_limits<T>::infinity());
  for_each_panel(group, [&](std::int64_t panel) {
    compute_logits(panel);
    T* const own = lanes.data() + lane(panel);
    apply(Primitive::maximum, own, tile(panel), nullptr, own, tile_size());
  });
  for (std::int64_t row = 0; row < rows_; ++row) {
    const T m = combine_lanes(lanes.data() + row * panel_, panel_, tile_size(), larger<T>);
    largest_[static_cast<std::size_t>(group * rows_ + row)] = m;
    // Where all logits are -inf, so that they are subtracted from themselves, e^z is 0.
    std::fill_n(largest.data() + row * panel_, panel_, std::isinf(m) && m < 0 ? T{0} : m);
    const std::int64_t column = targets_[row];
    if (column / kGroup == group) {
      target_logits_[static_cast<std::size_t>(row)] =
          tile(column / panel_)[row * panel_ + column % panel_];
    }
  }
  std::fill_n(lanes.data(), kLanes * rows_, T{0});
  for_each_panel(group, [&](std::int64_t panel) {
    exponentiate(panel, largest.data(), lanes.data() + lane(panel));
  });
  for (std::int64_t row = 0; row < rows_; ++row) {
    sums_[static_cast<std::size_t>(group * rows_ + row)] =
        combine_lanes(lanes.data() + row * panel_, panel_, tile_size(), std::plus<T>());
  }
}

template <class T>
void OutputLayer<T>::backward(T scale, T smoothing, T* dx, bool parameters) {
  if (parameters) {
    turned_.reserve((I_ + 1) * rows_);
    kernels_.transpose(x_, rows_, I_, I_, turned_.data(), rows_);
    std::fill_n(turned_.data() + I_ * rows_, rows_, T{1});
    gradients_.reserve(panels_ * (I_ + 1) * panel_);
  }
  dx_.reserve(dx == nullptr ? 0 : groups_ * rows_ * I_);
  for_each_group([=, this](std::int64_t group) {
    backward_group(group, scale, smoothing, dx != nullptr, parameters);
  });
  added_ = true;
  if (dx != nullptr) {
    write_dx(dx);
  }
}

template <class T>
void OutputLayer<T>::backward_group(std::int64_t group, T scale, T smoothing, bool with_dx,
                                    bool parameters) const {
  const Workspace<T> factors(tile_size());
  for (std::int64_t row = 0; row < rows_; ++row) {
    const T m = largest_[static_cast<std::size_t>(group * rows_ + row)];
    std::fill_n(factors.data() + row * panel_, panel_,
                scale * exp(normalizer(row).log_probability(m)));
  }
  const T share = scale * smoothing / static_cast<T>(V_);
  for_each_panel(group, [&](std::int64_t panel) {
    differentiate(panel, factors.data(), share, scale * (1 - smoothing));
    if (parameters) {
      add_gradient(panel);
    }
    if (with_dx) {
      add_dx(panel);
    }
  });
}

template <class T>
void OutputLayer<T>::gradients(T* dweight, T* dbias) const {
  parallel_for(panels_, V_ * I_, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t panel = begin; panel < end; ++panel) {
      const std::int64_t first = panel * panel_;
      const std::int64_t count = std::min(panel_, V_ - first);
      if (dweight != nullptr) {
        kernels_.transpose(gradient(panel), I_, panel_, count, dweight + first * I_, I_);
      }
      if (dbias != nullptr) {
        std::copy_n(gradient(panel) + I_ * panel_, count, dbias + first);
      }
    }
  });
}

/// z = W x + b
template <class T>
void OutputLayer<T>::compute_logits(std::int64_t panel) const {
  T* const z = tile(panel);
  const T* const weight = packed_.data() + panel * panel_ * I_;
  const T* const bias = bias_.data() + panel * panel_;
  std::int64_t k = 0;
  do {
    kernels_.packed_products(x_ + k, I_, rows_, weight + k * panel_, k == 0 ? bias : z,
                             k == 0 ? 0 : panel_, panel_, std::min(kDepth, I_ - k), z, panel_);
    k += kDepth;
  } while (k < I_);
}

/// e = e^(z - largest), in place, and its sums
template <class T>
void OutputLayer<T>::exponentiate(std::int64_t panel, const T* largest, T* sums) const {
  for (std::int64_t i = 0; i < tile_size(); i += kPiece) {
    const std::int64_t n = std::min(kPiece, tile_size() - i);
    T* const e = tile(panel) + i;
    apply(Primitive::sub, e, largest + i, nullptr, e, n);
    apply(Primitive::exp, e, nullptr, nullptr, e, n);
    apply(Primitive::add, sums + i, e, nullptr, sums + i, n);
  }
}

/// g = e factor - share, in place, and less on the targets
template <class T>
void OutputLayer<T>::differentiate(std::int64_t panel, const T* factors, T share,
                                   T on_target) const {
  std::array<T, kPiece> shares;
  shares.fill(-share);
  for (std::int64_t i = 0; i < tile_size(); i += kPiece) {
    const std::int64_t n = std::min(kPiece, tile_size() - i);
    T* const g = tile(panel) + i;
    apply(Primitive::fma, g, factors + i, shares.data(), g, n);
  }
  const std::int64_t first = panel * panel_;
  for (std::int64_t row = 0; row < rows_; ++row) {
    const std::int64_t column = targets_[row] - first;
    if (column >= 0 && column < panel_) {
      tile(panel)[row * panel_ + column] -= on_target;
    }
  }
}

/// dW^T += X^T G, and db likewise
template <class T>
void OutputLayer<T>::add_gradient(std::int64_t panel) const {
  T* const sums = gradient(panel);
  kernels_.packed_products(turned_.data(), rows_, I_ + 1, tile(panel), added_ ? sums : nullptr,
                           panel_, panel_, rows_, sums, panel_);
}

/// dX += G W, within the group of the panel
template <class T>
void OutputLayer<T>::add_dx(std::int64_t panel) const {
  const std::int64_t first = panel * panel_;
  const std::int64_t count = std::min(panel_, V_ - first);
  const Workspace<T> packed(divided(I_, panel_) * panel_ * count);
  kernels_.pack(weight_ + first * I_, I_, count, 1, I_, packed.data());
  T* const sums = dx_.data() + first / kGroup * rows_ * I_;
  kernels_.packed_products(tile(panel), panel_, rows_, packed.data(),
                           first % kGroup == 0 ? nullptr : sums, I_, I_, count, sums, I_);
}

/// The sum over the groups.
template <class T>
void OutputLayer<T>::write_dx(T* dx) const {
  const std::int64_t size = rows_ * I_;
  parallel_for(rows_, groups_ * size, [=, this](std::int64_t begin, std::int64_t end) {
    const std::int64_t first = begin * I_;
    const std::int64_t n = (end - begin) * I_;
    std::copy_n(dx_.data() + first, n, dx + first);
    for (std::int64_t group = 1; group < groups_; ++group) {
      apply(Primitive::add, dx + first, dx_.data() + group * size + first, nullptr, dx + first, n);
    }
  });
}

template class OutputLayer<float>;
template class OutputLayer<double>;

}  // namespace weft::kernels
