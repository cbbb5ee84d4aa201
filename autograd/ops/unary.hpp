#pragma once

#include <string>
#include <vector>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/op.hpp"

/// Common parts of the functions of one variable.
namespace weft::ops {

/// f(x) elementwise.
template <class F>
Tensor map(std::string_view where, const Tensor& x, F f) {
  Tensor y = empty(x.shape(), x.dtype());
  dispatch_floating(where, x.dtype(),
                    [&]<class T>() { kernels::map(x.data<T>(), y.mutable_data<T>(), f); });
  return y;
}

/// The same with a vector kernel: `kernel<T>()` returns a function of x, y and their length.
template <class K>
Tensor map_rows(std::string_view where, const Tensor& x, K kernel) {
  Tensor y = empty(x.shape(), x.dtype());
  dispatch_floating(where, x.dtype(), [&]<class T>() {
    const auto each = kernel.template operator()<T>();
    const T* const from = x.data<T>().data();
    T* const to = y.mutable_data<T>().data();
    parallel_for(x.numel(), x.numel(), [=](std::int64_t begin, std::int64_t end) {
      each(from + begin, to + begin, end - begin);
    });
  });
  return y;
}

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
