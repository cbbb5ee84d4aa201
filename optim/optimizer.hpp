#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "autograd/gradient.hpp"

namespace weft::optim {

/// Tensors with names, in a fixed order.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// Updates parameters using their gradients:
///
///     optim::Adam optimizer(model.named_parameters(), {.lr = 1e-3});
///     optimizer.zero_grad();
///     loss.backward();
///     optimizer.step();
///
/// A gradient of rows (of an embedding) gives bit for bit the same result as the dense gradient,
/// which is never formed.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Updates every parameter that has a gradient; the others are unchanged. Throws Error, and
  /// changes nothing, if a parameter's shape or dtype has changed since the optimizer was
  /// constructed.
  void step();
  /// Clears the accumulated gradients of all parameters.
  void zero_grad();

  /// The learning rate of the next step.
  double lr() const { return lr_; }
  /// Throws Error unless `lr` is finite and non-negative.
  void set_lr(double lr);

  /// Everything that the next step depends on besides parameters, gradients and options. Each
  /// tensor is named after its parameter and its role: `encoder.weight.exp_avg`. Shares the
  /// optimizer's storage.
  NamedTensors state() const;
  /// Restores such a state: the following steps are bit-identical. Throws Error, and changes
  /// nothing, unless names, order, shapes and dtypes are those of `state()`, and counters and means
  /// of squares have values that steps can produce.
  void load_state(const NamedTensors& state);

 protected:
  /// Throws Error unless the parameters are distinct leaves that require gradients, with unique
  /// names.
  Optimizer(NamedTensors parameters, double lr);

  /// Adds to the state one tensor of zeros per parameter, with its shape and dtype.
  std::vector<Tensor> zeros_for_each(const std::string& what);
  /// The same for sums or means of squares, which are never negative.
  std::vector<Tensor> squares_for_each(const std::string& what);
  /// One counter (int64 scalar 0) for each parameter, as part of the state.
  std::vector<Tensor> counter_for_each(const std::string& what);

  /// Updates parameter `i`.
  virtual void update(std::size_t i, Tensor& parameter, const Gradient& gradient) = 0;

 private:
  /// What the elements of a state may be.
  struct Range {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
  };

  void check_unchanged() const;
  std::vector<Tensor> keep_for_each(const std::string& what, Tensor (*make)(const Tensor&),
                                    const Range& range);

  NamedTensors parameters_;
  std::vector<Shape> shapes_;  // of the parameters, and so of the state
  std::vector<DType> dtypes_;
  NamedTensors state_;
  std::vector<Range> ranges_;  // of the state
  double lr_ = 0;
};

}  // namespace weft::optim
