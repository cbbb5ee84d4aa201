#pragma once

#include <vector>

#include "autograd/kernels/softmax.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/kernels/workspace.hpp"

namespace weft::kernels {

/// The output layer of a classifier under cross-entropy: logits z = W x + b of a block of rows,
/// their softmax, and its gradients. Logits are kept in panels of columns, which is how a product
/// wants its right factor: what follows from them is computed panel by panel, in the L1 cache,
/// without packing. All sums have a fixed order (vector.hpp), whatever the instruction set.
template <class T>
class OutputLayer {
 public:
  /// weight [V, I] and bias [V] or null, V at least 1; they must outlive the layer.
  OutputLayer(const T* weight, const T* bias, std::int64_t V, std::int64_t I);

  /// A good size of blocks for N rows in total.
  std::int64_t rows_at_a_time(std::int64_t N) const;

  /// Computes the logits of a block x [rows, I] with classes `targets` [rows].
  void forward(const T* x, const std::int64_t* targets, std::int64_t rows);
  /// ln of the sum of e^z over the logits of a row of the block.
  const LogSumExp<T>& normalizer(std::int64_t row) const {
    return normalizers_[static_cast<std::size_t>(row)];
  }
  /// The logit of the row's target.
  T target_logit(std::int64_t row) const { return target_logits_[static_cast<std::size_t>(row)]; }

  /// With g = scale (softmax(z) - smoothing / V) and g[target] -= scale (1 - smoothing), for the
  /// block of the last `forward`: writes dx [rows, I] unless it is null, and adds up the other
  /// gradients if `parameters`. Call it once.
  void backward(T scale, T smoothing, T* dx, bool parameters);
  /// Writes the sums over all blocks: dweight [V, I] and dbias [V], each unless it is null.
  void gradients(T* dweight, T* dbias) const;

 private:
  static constexpr std::int64_t kLanes = kMostPanel;  // of a row's sums over the columns of a group
  static constexpr std::int64_t kGroup = 512;         // columns whose tiles stay in the L2 cache

  /// Calls f(group) for all groups of columns, in parallel.
  template <class F>
  void for_each_group(F f) const;
  /// Calls f(panel) for the panels of a group.
  template <class F>
  void for_each_panel(std::int64_t group, F f) const;
  /// The logits of a group, their largest in each row, e^(z - largest), and its sum.
  void forward_group(std::int64_t group);
  /// What a group adds to the gradients.
  void backward_group(std::int64_t group, T scale, T smoothing, bool with_dx,
                      bool parameters) const;
  void write_dx(T* dx) const;

  void compute_logits(std::int64_t panel) const;
  void exponentiate(std::int64_t panel, const T* largest, T* sums) const;
  void differentiate(std::int64_t panel, const T* factors, T share, T on_target) const;
  void add_gradient(std::int64_t panel) const;
  void add_dx(std::int64_t panel) const;

  /// y = primitive(a, b, c)
  void apply(Primitive primitive, const T* a, const T* b, const T* c, T* y, std::int64_t n) const {
    kernels_.primitives[static_cast<std::size_t>(primitive)](a, b, c, y, n);
  }
  std::int64_t tile_size() const { return rows_ * panel_; }
  T* tile(std::int64_t panel) const { return tiles_.data() + panel * tile_size(); }
  /// Where the lanes of a panel's columns are among those of its group.
  std::int64_t lane(std::int64_t panel) const {
    return panel * panel_ % kLanes / panel_ * tile_size();
  }
  T* gradient(std::int64_t panel) const { return gradients_.data() + panel * (I_ + 1) * panel_; }

  const VectorKernels<T>& kernels_ = vector_kernels<T>();
  const T* weight_;
  std::int64_t V_;
  std::int64_t I_;
  std::int64_t panel_;                     // P, columns of a panel
  std::int64_t panels_;                    // Q
  std::int64_t groups_;                    // of columns
  Workspace<T> packed_;                    // [Q, I, P], the weight
  std::vector<T> bias_;                    // [Q P], -inf in the columns that the last panel lacks
  Workspace<T> tiles_;                     // [Q, rows, P], the logits and what becomes of them
  Workspace<T> turned_;                    // [I + 1, rows], x^T above ones
  Workspace<T> dx_;                        // [groups, rows, I]
  Workspace<T> gradients_;                 // [Q, I + 1, P], dweight^T above dbias
  bool added_ = false;                     // whether gradients_ has values
  const T* x_ = nullptr;                   // [rows, I]
  const std::int64_t* targets_ = nullptr;  // [rows]
  std::int64_t rows_ = 0;
  std::vector<T> largest_;                 // [groups, rows]
  std::vector<T> sums_;                    // [groups, rows], of e^(z - largest)
  std::vector<T> target_logits_;           // [rows]
  std::vector<LogSumExp<T>> normalizers_;  // [rows]
};

}  // namespace weft::kernels
