#include "optim/clip.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "autograd/gradient.hpp"
#include "autograd/kernels/elementwise.hpp"
#include "autograd/kernels/parallel.hpp"
#include "autograd/tape.hpp"

namespace weft::optim {
namespace {

/// The sum of squares: each chunk of fixed size is summed by one thread, then the chunks in order.
double sum_of_squares(const Tensor& x) {
  const std::int64_t chunks = (x.numel() + kParallelGrain - 1) / kParallelGrain;
  std::vector<double> sums(static_cast<std::size_t>(chunks));
  dispatch_floating("clip_grad_norm_", x.dtype(), [&]<class T>() {
    const std::span<const T> values = x.data<T>();
    const auto sum_chunk = [&](std::size_t chunk) {
      const std::size_t begin = chunk * kParallelGrain;
      const auto part =
          values.subspan(begin, std::min<std::size_t>(kParallelGrain, values.size() - begin));
      return std::transform_reduce(part.begin(), part.end(), 0.0, std::plus<>(), [](T value) {
        return static_cast<double>(value) * static_cast<double>(value);
      });
    };
    parallel_for(chunks, x.numel(), [&](std::int64_t begin, std::int64_t end) {
      for (auto chunk = static_cast<std::size_t>(begin); chunk < static_cast<std::size_t>(end);
           ++chunk) {
        sums[chunk] = sum_chunk(chunk);
      }
    });
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

/// x[i] = f(x[i]), where f accepts numbers of any type.
template <class F>
void change_in_place(std::string_view where, Tensor x, F f) {
  dispatch_floating(where, x.dtype(),
                    [&]<class T>() { kernels::map(x.data<T>(), x.mutable_data<T>(), f); });
}

/// The parameters with a gradient, without duplicates: tied ones may be listed under two names.
std::vector<Tensor> with_gradient(const std::vector<Tensor>& parameters) {
  std::vector<Tensor> found;
  for (const Tensor& parameter : parameters) {
    const auto same = [&](const Tensor& other) { return other.is_same(parameter); };
    if (parameter.gradient().defined() && std::ranges::none_of(found, same)) {
      found.push_back(parameter);
    }
  }
  return found;
}

}  // namespace

double clip_grad_norm_(const std::vector<Tensor>& parameters, double max_norm) {
  if (!(max_norm > 0)) {
    fail("clip_grad_norm_: max_norm out of range; got {}; expected max_norm > 0", max_norm);
  }
  const NoGradGuard guard;  // with create_graph, gradients may be recorded
  const std::vector<Tensor> unique = with_gradient(parameters);
  double squares = 0;
  for (Tensor parameter : unique) {
    parameter.set_gradient(parameter.gradient().coalesced());
    squares += sum_of_squares(parameter.gradient().values());
  }
  const double norm = std::sqrt(squares);
  const double factor = max_norm / (norm + 1e-6);
  if (std::isfinite(norm) && factor < 1) {
    for (const Tensor& parameter : unique) {
      change_in_place("clip_grad_norm_", parameter.gradient().values(),
                      [factor]<class T>(T value) { return value * static_cast<T>(factor); });
    }
  }
  return norm;
}

void clip_grad_value_(const std::vector<Tensor>& parameters, double clip_value) {
  if (!(clip_value > 0)) {
    fail("clip_grad_value_: clip_value out of range; got {}; expected clip_value > 0", clip_value);
  }
  const NoGradGuard guard;  // with create_graph, gradients may be recorded
  for (Tensor parameter : with_gradient(parameters)) {
    parameter.set_gradient(parameter.gradient().coalesced());
    change_in_place("clip_grad_value_", parameter.gradient().values(),
                    [clip_value]<class T>(T value) {
                      const T bound = static_cast<T>(clip_value);
                      return std::clamp(value, -bound, bound);
                    });
  }
}

}  // namespace weft::optim
