#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "autograd/gradient.hpp"

namespace weft::optim {

/// Tensors and their names, in a fixed order.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// Changes parameters along their gradients:
///
///     optim::Adam optimizer(model.named_parameters(), {.lr = 1e-3});
///     optimizer.zero_grad();
///     loss.backward();
///     optimizer.step();
///
/// A gradient of rows (of an embedding) gives bit for bit the result that the same gradient made
/// dense would give, at no time made so.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// Updates every parameter that has a gradient; the others stay as they are. Throws Error, and
  /// changes nothing, if one has another shape or dtype than when the optimizer was made.
  void step();
  /// Forgets the accumulated gradient of every parameter.
  void zero_grad();

  /// The learning rate of the next step.
  double lr() const { return lr_; }
  /// Throws Error unless it is finite and not negative.
  void set_lr(double lr);

  /// All that the next step depends on besides parameters, gradients and options; a tensor is named
  /// after its parameter and its role: `encoder.weight.exp_avg`. Shares the optimizer's storage.
  NamedTensors state() const;
  /// Copies such a state back: the steps that follow are bit-identical. Throws Error, and changes
  /// nothing, unless names, order, shapes and dtypes are those of `state()`, and counters and means
  /// of squares in the range that steps leave them in.
  void load_state(const NamedTensors& state);

 protected:
  /// Throws Error unless the parameters are different leaves that ask for gradients, with unique
  /// names.
  Optimizer(NamedTensors parameters, double lr);

  /// One tensor of zeros for each parameter, of its shape and dtype, as part of the state.
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
