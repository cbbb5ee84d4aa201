#pragma once

#include <string>
#include <vector>

#include "autograd/op.hpp"

/// Samples of the functions of one variable.
namespace weft::ops {

/// Normal inputs, for functions that are smooth everywhere.
template <Tensor (*F)(const Tensor&)>
Sample unary_sample(Sampler& s) {
  return {{s.normal(s.shape())}, [](const auto& x) { return F(x[0]); }};
}

/// Inputs away from 0, for functions with a kink there.
template <Tensor (*F)(const Tensor&)>
Sample kinked_sample(Sampler& s) {
  return {{s.away_from_zero(s.shape())}, [](const auto& x) { return F(x[0]); }};
}

/// Positive inputs, for functions with a pole at 0 or a domain that ends there.
template <Tensor (*F)(const Tensor&)>
Sample positive_sample(Sampler& s) {
  return {{s.uniform(s.shape(), 0.5, 3)}, [](const auto& x) { return F(x[0]); }};
}

/// The invalid call common to all these ops: int64 ids.
template <Tensor (*F)(const Tensor&)>
std::vector<ErrorSample> unary_errors(const std::string& where) {
  return {{[] { F(zeros({2}, DType::int64)); }, where + ": unsupported dtype; got int64"}};
}

}  // namespace weft::ops
