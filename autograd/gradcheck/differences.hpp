#pragma once

#include <functional>
#include <vector>

#include "autograd/random.hpp"
#include "autograd/tensor.hpp"

/// Finite differences and their comparison.
namespace weft::detail {

/// Elements of float64 tensors, one list per tensor; an empty list for an undefined tensor.
using Values = std::vector<std::vector<double>>;
Values elements(const std::vector<Tensor>& tensors);

/// a - n| / max(1, |a|, |n|); infinity if that is NaN.
double relative_error(double analytic, double numeric);

/// sum_i <a[i], b[i]>; an undefined tensor counts as zero.
double dot(const std::vector<Tensor>& a, const std::vector<Tensor>& b);

/// float64, normal; undefined where `tensors` are.
std::vector<Tensor> random_like(const std::vector<Tensor>& tensors, Generator& generator);

std::vector<Tensor> that_require_grad(const std::vector<Tensor>& tensors);

/// Restores the elements of tensors at the end of a scope, however the scope is left.
class Restore {
 public:
  explicit Restore(std::vector<Tensor> tensors)
      : tensors_(std::move(tensors)), elements_(detail::elements(tensors_)) {}
  ~Restore();
  Restore(const Restore&) = delete;
  Restore& operator=(const Restore&) = delete;

  const Values& elements() const { return elements_; }
  /// Sets all elements to x + step * direction.
  void move(const std::vector<Tensor>& direction, double step);

 private:
  std::vector<Tensor> tensors_;
  Values elements_;
};

/// The finite-difference step at x.
double step_at(double x);

using ScalarFunction = std::function<double()>;

/// f as a function of one element of a leaf, which is restored after each call.
class Along {
 public:
  Along(ScalarFunction f, const Tensor& leaf, std::size_t index);

  double centre() const { return centre_; }
  /// f with the element at centre + t.
  double operator()(double t) const;
  /// (f(x + h) - f(x - h)) / 2h
  double slope(double h) const;

 private:
  ScalarFunction f_;
  Tensor leaf_;
  std::size_t index_;
  double centre_;
};

/// The slope of f with the step that seems best, or `analytic` if it lies within the error of that
/// slope: its disagreement with the next step, plus `rounding` of f per call. The usual step if all
/// are bad.
double slope_for(double analytic, const Along& f, double rounding);

}  // namespace weft::detail
