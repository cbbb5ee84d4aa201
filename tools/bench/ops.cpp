#include <benchmark/benchmark.h>

#include <algorithm>

#include "autograd/kernels/gemm.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/ops.hpp"
#include "autograd/random.hpp"
#include "autograd/tape.hpp"

/// The ops that a training step of the reference model spends its time in, at its sizes: B = 64
/// sentences, S = 15 words, H = 512. Each measures the op and its gradients.
namespace weft {
namespace {

constexpr std::int64_t kBatch = 64;
constexpr std::int64_t kWords = 15;
constexpr std::int64_t kHidden = 512;

Tensor numbers(const Shape& shape) { return rand(shape, -1, 1, default_generator()); }

Tensor leaf(const Shape& shape) { return numbers(shape).set_requires_grad(); }

/// Time of `op` forward and backward, with the sum of its output as the loss.
template <class Op>
void step(benchmark::State& state, Op op) {
  for ([[maybe_unused]] const auto _ : state) {
    sum(op()).backward();
  }
}

void gru_cell_step(benchmark::State& state) {
  const std::int64_t H = state.range(0);
  const Tensor gi = leaf({kBatch, 3 * H});
  const Tensor gh = leaf({kBatch, 3 * H});
  const Tensor h = leaf({kBatch, H});
  step(state, [&] { return gru_cell(gi, gh, h); });
}
BENCHMARK(gru_cell_step)->ArgName("H")->Arg(64)->Arg(128)->Arg(kHidden);

void additive_scores_step(benchmark::State& state) {
  const std::int64_t A = state.range(0);
  const Tensor query = leaf({kBatch, A});
  const Tensor keys = leaf({kWords, kBatch, A});
  const Tensor v = leaf({A});
  step(state, [&] { return additive_scores(query, keys, v, Energy::tanh); });
}
BENCHMARK(additive_scores_step)->ArgName("A")->Arg(64)->Arg(128)->Arg(kHidden);

void weighted_sum_step(benchmark::State& state) {
  const std::int64_t D = state.range(0);
  const Tensor weights = leaf({kWords, kBatch});
  const Tensor values = leaf({kWords, kBatch, D});
  step(state, [&] { return weighted_sum(weights, values); });
}
BENCHMARK(weighted_sum_step)->ArgName("D")->Arg(128)->Arg(256)->Arg(2 * kHidden);

void linear_step(benchmark::State& state) {
  const std::int64_t rows = state.range(0);
  const Tensor x = leaf({rows, kHidden});
  const Tensor weight = leaf({3 * kHidden, kHidden});
  const Tensor bias = leaf({3 * kHidden});
  step(state, [&] { return linear(x, weight, bias); });
}
BENCHMARK(linear_step)->ArgName("rows")->Arg(1)->Arg(5)->Arg(kBatch)->Arg(kBatch* kWords);

/// Rows by a weight that stays packed, as decoding does it: a kernel of weft's own.
void linear_unrecorded(benchmark::State& state) {
  const NoGradGuard guard;
  const Tensor x = numbers({state.range(0), kHidden});
  const Tensor weight = numbers({3 * kHidden, kHidden});
  for ([[maybe_unused]] const auto _ : state) {
    benchmark::DoNotOptimize(linear(x, weight));
  }
}
BENCHMARK(linear_unrecorded)->ArgName("rows")->Arg(1)->Arg(5)->Arg(kBatch)->Arg(5 * kBatch);

void linear_cross_entropy_step(benchmark::State& state) {
  const std::int64_t V = state.range(0);
  const Tensor x = leaf({kBatch * kWords, kHidden / 2});
  const Tensor weight = leaf({V, kHidden / 2});
  std::vector<std::int64_t> ids(static_cast<std::size_t>(kBatch * kWords));
  std::ranges::generate(ids, [&, id = std::int64_t{0}]() mutable { return id = (id + 37) % V; });
  const Tensor targets = tensor(ids, {kBatch * kWords});
  step(state, [&] { return linear_cross_entropy(x, weight, {}, targets); });
}
BENCHMARK(linear_cross_entropy_step)->ArgName("V")->Arg(2'000)->Arg(7'859)->Arg(32'000);

/// One row of tanh in the kernels of one set of instructions: 0 baseline, 1 avx2, 2 avx512.
void tanh_kernel(benchmark::State& state) {
  const auto isa = static_cast<kernels::Isa>(state.range(0));
  const std::vector<kernels::Isa> supported = kernels::supported_isas();
  if (std::ranges::find(supported, isa) == supported.end()) {
    state.SkipWithError("not on this CPU");
    return;
  }
  const std::vector<float> x = numbers({4096}).to_vector<float>();
  std::vector<float> y(x.size());
  for ([[maybe_unused]] const auto _ : state) {
    kernels::vector_kernels(isa).tanh(x.data(), y.data(), std::ssize(x));
    benchmark::DoNotOptimize(y.data());
  }
  state.SetItemsProcessed(state.iterations() * std::ssize(x));
}
BENCHMARK(tanh_kernel)->ArgName("isa")->DenseRange(0, 2);

}  // namespace
}  // namespace weft
