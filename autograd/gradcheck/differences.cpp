#include "autograd/gradcheck/differences.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace weft::detail {

Values elements(const std::vector<Tensor>& tensors) {
  Values result;
  result.reserve(tensors.size());
  for (const Tensor& tensor : tensors) {
    result.push_back(tensor.defined() ? tensor.to_vector<double>() : std::vector<double>());
  }
  return result;
}

double relative_error(double analytic, double numeric) {
  const double scale = std::max({1.0, std::abs(analytic), std::abs(numeric)});
  const double error = std::abs(analytic - numeric) / scale;
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

double dot(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].defined() && b[i].defined()) {
      const std::span<const double> x = a[i].data<double>();
      total += std::inner_product(x.begin(), x.end(), b[i].data<double>().begin(), 0.0);
    }
  }
  return total;
}

std::vector<Tensor> random_like(const std::vector<Tensor>& tensors, Generator& generator) {
  std::vector<Tensor> result;
  result.reserve(tensors.size());
  for (const Tensor& tensor : tensors) {
    result.push_back(tensor.defined() ? randn(tensor.shape(), generator, DType::float64)
                                      : Tensor());
  }
  return result;
}

std::vector<Tensor> that_require_grad(const std::vector<Tensor>& tensors) {
  std::vector<Tensor> result;
  std::ranges::copy_if(tensors, std::back_inserter(result), &Tensor::requires_grad);
  return result;
}

Restore::~Restore() {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    std::ranges::copy(elements_[i], tensors_[i].mutable_data<double>().begin());
  }
}

void Restore::move(const std::vector<Tensor>& direction, double step) {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    std::ranges::transform(elements_[i], direction[i].data<double>(),
                           tensors_[i].mutable_data<double>().begin(),
                           [step](double x, double d) { return x + d * step; });
  }
}

double step_at(double x) {
  constexpr double kStep = 1e-6;
  return kStep * std::max(1.0, std::abs(x));
}

Along::Along(ScalarFunction f, const Tensor& leaf, std::size_t index)
    : f_(std::move(f)), leaf_(leaf), index_(index), centre_(leaf.data<double>()[index]) {}

double Along::operator()(double t) const {
  Tensor leaf = leaf_;
  leaf.mutable_data<double>()[index_] = centre_ + t;
  const double value = f_();
  leaf.mutable_data<double>()[index_] = centre_;
  return value;
}

double Along::slope(double h) const {
  const double high = centre_ + h;  // the effective h after rounding x + h
  const double low = centre_ - h;
  return ((*this)(high - centre_) - (*this)(low - centre_)) / (high - low);
}

double slope_for(double analytic, const Along& f, double rounding) {
  constexpr double kSmallest = 1e-4;  // relative to the usual step
  constexpr std::size_t kSteps = 7;   // each ten times the previous one
  constexpr double kSafety = 3;
  constexpr double kRough = 1e-4;  // with a larger error, differences prove nothing
  const double usual_step = step_at(f.centre());
  const double usual = f.slope(usual_step);
  double h = kSmallest * usual_step;
  double before = std::numeric_limits<double>::quiet_NaN();
  double best = usual;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < kSteps; ++i, h *= 10) {
    const double slope = f.slope(h);
    if (slope == 0 && usual != 0) {
      continue;  // the step is below the resolution of a function that rounds
    }
    // Rounding grows as the step shrinks, truncation as it grows: the best pair agrees most
    // closely.
    const double error = std::abs(slope - before) + rounding / h;
    if (error < least) {
      least = error;
      best = slope;
    }
    before = slope;
  }
  if (least > kRough * std::max(1.0, std::abs(best))) {
    return usual;
  }
  return std::abs(analytic - best) <= kSafety * least ? analytic : best;
}

}  // namespace weft::detail
