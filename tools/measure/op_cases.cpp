#include "tools/measure/op_cases.hpp"

#include "autograd/ops.hpp"
#include "autograd/random.hpp"

namespace weft::tools {
namespace {

constexpr std::int64_t kWidth = 256;  // of the rows of ops that work on rows

Generator& numbers() {
  static Generator generator(1);
  return generator;
}

Tensor normal(const Shape& shape) { return randn(shape, numbers()).set_requires_grad(); }
Tensor positive(const Shape& shape) { return rand(shape, 0.5, 2, numbers()).set_requires_grad(); }
Shape rows(std::int64_t elements) { return {elements / kWidth, kWidth}; }

/// Random ids in [0, n).
Tensor ids(const Shape& shape, std::int64_t n) {
  const Tensor uniform = rand(shape, 0, static_cast<double>(n), numbers());
  Tensor found = empty(shape, DType::int64);
  std::ranges::transform(uniform.data<float>(), found.mutable_data<std::int64_t>().begin(),
                         [n](float u) { return std::min(static_cast<std::int64_t>(u), n - 1); });
  return found;
}

template <Tensor (*F)(const Tensor&)>
OpCall unary(std::int64_t elements) {
  return {{normal({elements})}, [](const auto& x) { return std::vector{F(x[0])}; }};
}

template <Tensor (*F)(const Tensor&)>
OpCall unary_positive(std::int64_t elements) {
  return {{positive({elements})}, [](const auto& x) { return std::vector{F(x[0])}; }};
}

template <Tensor (*F)(const Tensor&, const Tensor&)>
OpCall binary(std::int64_t elements) {
  return {{normal({elements}), positive({elements})},
          [](const auto& x) { return std::vector{F(x[0], x[1])}; }};
}

template <Tensor (*F)(const Tensor&, const Tensor&)>
OpCall with_row(std::int64_t elements) {
  return {{normal(rows(elements)), positive({kWidth})},
          [](const auto& x) { return std::vector{F(x[0], x[1])}; }};
}

template <Tensor (*F)(const Tensor&, const Tensor&)>
OpCall with_column(std::int64_t elements) {
  return {{normal(rows(elements)), positive({elements / kWidth, 1})},
          [](const auto& x) { return std::vector{F(x[0], x[1])}; }};
}

template <Tensor (*F)(const Tensor&, std::int64_t), std::int64_t Dim>
OpCall along(std::int64_t elements) {
  return {{normal(rows(elements))}, [](const auto& x) { return std::vector{F(x[0], Dim)}; }};
}

/// An op that is called with one tensor of rows, and more that `call` knows.
template <class F>
OpCall on_rows(std::int64_t elements, F call) {
  return {{normal(rows(elements))}, [call](const auto& x) { return std::vector{call(x[0])}; }};
}

OpCall powers(std::int64_t elements) {
  return {{positive({elements}), normal({elements})},
          [](const auto& x) { return std::vector{pow(x[0], x[1])}; }};
}

OpCall clamped(std::int64_t elements) {
  return {{normal({elements})}, [](const auto& x) { return std::vector{clamp(x[0], -1, 1)}; }};
}

OpCall times_number(std::int64_t elements) {
  return {{normal({elements})}, [](const auto& x) { return std::vector{x[0] * 3.0}; }};
}

OpCall selected(std::int64_t elements) {
  const Tensor mask = gt(normal({elements}), 0);
  return {{normal({elements}), normal({elements})},
          [mask](const auto& x) { return std::vector{where(mask, x[0], x[1])}; }};
}

OpCall masked(std::int64_t elements) {
  const Tensor mask = gt(normal({elements}), 0);
  return {{normal({elements})},
          [mask](const auto& x) { return std::vector{masked_fill(x[0], mask, 0)}; }};
}

OpCall dropped(std::int64_t elements) {
  return {{normal({elements})},
          [](const auto& x) { return std::vector{dropout(x[0], 0.1, numbers())}; }};
}

OpCall normalized(std::int64_t elements) {
  return {{normal(rows(elements)), positive({kWidth}), normal({kWidth})},
          [](const auto& x) { return std::vector{layer_norm(x[0], x[1], x[2])}; }};
}

OpCall sum_all(std::int64_t elements) {
  return on_rows(elements, [](const Tensor& x) { return sum(x); });
}
OpCall sum_last(std::int64_t elements) {
  return on_rows(elements, [](const Tensor& x) { return sum(x, {1}); });
}
OpCall sum_first(std::int64_t elements) {
  return on_rows(elements, [](const Tensor& x) { return sum(x, {0}); });
}
OpCall max_last(std::int64_t elements) {
  return on_rows(elements, [](const Tensor& x) { return max(x, 1); });
}
OpCall logsumexp_last(std::int64_t elements) {
  return on_rows(elements, [](const Tensor& x) { return logsumexp(x, 1); });
}

OpCall transposed(std::int64_t elements) {
  return on_rows(elements, [](const Tensor& x) { return transpose(x, 0, 1); });
}

/// [N, S, H, D] to [N, H, S, D]: the heads of attention.
OpCall heads(std::int64_t elements) {
  return {{normal({elements / 1024, 4, 4, 64})},
          [](const auto& x) { return std::vector{transpose(x[0], 1, 2)}; }};
}

OpCall expanded(std::int64_t elements) {
  return {{normal({kWidth})},
          [elements](const auto& x) { return std::vector{expand(x[0], rows(elements))}; }};
}

OpCall joined(std::int64_t elements) {
  return {{normal(rows(elements / 2)), normal(rows(elements / 2))}, [](const auto& x) {
            return std::vector{cat({x[0], x[1]}, 1)};
          }};
}

OpCall stacked(std::int64_t elements) {
  return {{normal(rows(elements / 2)), normal(rows(elements / 2))}, [](const auto& x) {
            return std::vector{stack({x[0], x[1]}, 0)};
          }};
}

OpCall halved(std::int64_t elements) {
  return {{normal(rows(elements))}, [](const auto& x) {
            return split(x[0], {kWidth / 2, kWidth / 2}, 1);
          }};
}

OpCall narrowed(std::int64_t elements) {
  return on_rows(elements, [](const Tensor& x) { return narrow(x, 1, kWidth / 4, kWidth / 2); });
}

OpCall gathered(std::int64_t elements) {
  const Tensor at = ids(rows(elements), kWidth);
  return on_rows(elements, [at](const Tensor& x) { return gather(x, 1, at); });
}

OpCall rows_selected(std::int64_t elements) {
  const Tensor at = ids({elements / kWidth}, elements / kWidth);
  return on_rows(elements, [at](const Tensor& x) { return index_select(x, 0, at); });
}

OpCall embedded(std::int64_t elements) {
  const Tensor at = ids({elements / kWidth}, 8000);
  return {{normal({8000, kWidth})},
          [at](const auto& x) { return std::vector{embedding(at, x[0])}; }};
}

OpCall root_normalized(std::int64_t elements) {
  return {{normal(rows(elements)), positive({kWidth})},
          [](const auto& x) { return std::vector{rms_norm(x[0], x[1])}; }};
}

/// [N, H, W, C] to [N, C, H, W]: the channels of pictures.
OpCall permuted(std::int64_t elements) {
  return {{normal({elements / 1024, 8, 8, 16})}, [](const auto& x) {
            return std::vector{permute(x[0], {0, 3, 1, 2})};
          }};
}

/// The size of a batch of examples of `size` elements.
std::int64_t batch(std::int64_t elements, std::int64_t size) {
  return std::max<std::int64_t>(1, elements / size);
}

/// Attention of T queries to T keys in 4 heads of 64.
template <std::int64_t T, bool kCausal>
OpCall attended(std::int64_t elements) {
  const Shape shape = {batch(elements, 4 * T * 64), 4, T, 64};
  return {{normal(shape), normal(shape), normal(shape)}, [](const auto& x) {
            return std::vector{scaled_dot_product_attention(x[0], x[1], x[2], {.causal = kCausal})};
          }};
}

/// Speech: 64 channels, a kernel of 3.
OpCall sequences(std::int64_t elements) {
  return {{normal({batch(elements, 64 * 128), 64, 128}), normal({64, 64, 3}), normal({64})},
          [](const auto& x) { return std::vector{conv1d(x[0], x[1], x[2], 1, 1)}; }};
}

/// Pictures of C channels and H x H pixels, convolved to 64 channels by a kernel of K.
template <std::int64_t C, std::int64_t H, std::int64_t K, std::int64_t Stride, std::int64_t Padding>
OpCall pictures(std::int64_t elements) {
  return {{normal({batch(elements, C * H * H), C, H, H}), normal({64, C, K, K}), normal({64})},
          [](const auto& x) {
            const Window window = {.stride = {Stride, Stride}, .padding = {Padding, Padding}};
            return std::vector{conv2d(x[0], x[1], x[2], window)};
          }};
}

template <Tensor (*F)(const Tensor&, const Size2&, const Window&)>
OpCall pooled(std::int64_t elements) {
  return {{normal({elements / 1024, 4, 16, 16})}, [](const auto& x) {
            return std::vector{F(x[0], {2, 2}, {.stride = {2, 2}})};
          }};
}

}  // namespace

const std::vector<OpCase>& op_cases() {
  // Traffic: a pass over an array of `elements` is 1. A function of x reads x and writes y, then
  // reads g and what its derivative needs, and writes dx.
  static const std::vector<OpCase> cases = {
      {"add", 3, binary<add>},
      {"sub", 5, binary<sub>},
      {"mul", 8, binary<mul>},
      {"div", 8, binary<div>},
      {"maximum", 8, binary<maximum>},
      {"minimum", 8, binary<minimum>},
      {"pow", 0, powers},
      {"neg", 4, unary<neg>},
      {"abs", 5, unary<abs>},
      {"square", 5, unary<square>},
      {"sqrt", 5, unary_positive<sqrt>},
      {"exp", 5, unary<exp>},
      {"log", 5, unary_positive<log>},
      {"log1p", 5, unary_positive<log1p>},
      {"sin", 0, unary<sin>},
      {"cos", 0, unary<cos>},
      {"erf", 0, unary<erf>},
      {"tanh", 5, unary<tanh>},
      {"sigmoid", 5, unary<sigmoid>},
      {"relu", 5, unary<relu>},
      {"gelu", 0, unary<gelu>},
      {"softplus", 0, unary<softplus>},
      {"clamp", 5, clamped},
      {"mul_number", 4, times_number},
      {"where", 6, selected},
      {"masked_fill", 4, masked},
      {"dropout", 0, dropped},
      {"add_row", 3, with_row<add>},
      {"mul_row", 6, with_row<mul>},
      {"mul_column", 6, with_column<mul>},
      {"softmax", 5, along<softmax, 1>},
      {"log_softmax", 5, along<log_softmax, 1>},
      {"logsumexp", 3, logsumexp_last},
      {"layer_norm", 5, normalized},
      {"sum_all", 2, sum_all},
      {"sum_last", 2, sum_last},
      {"sum_first", 2, sum_first},
      {"max_last", 2, max_last},
      {"cumsum", 4, along<cumsum, 1>},
      {"softmax_first", 5, along<softmax, 0>},
      {"transpose", 4, transposed},
      {"heads", 4, heads},
      {"expand", 2, expanded},
      {"flip", 4, along<flip, 1>},
      {"cat", 4, joined},
      {"stack", 4, stacked},
      {"split", 4, halved},
      {"narrow", 2.5, narrowed},
      {"gather", 0, gathered},
      {"index_select", 4, rows_selected},
      {"embedding", 2, embedded},
      {"rms_norm", 5, root_normalized},
      {"permute", 4, permuted},
      {"max_pool2d", 0, pooled<max_pool2d>},
      {"avg_pool2d", 0, pooled<avg_pool2d>},
      {"attention_32", 0, attended<32, false>, true},
      {"attention_128", 0, attended<128, false>, true},
      {"attention_512", 0, attended<512, false>, true},
      {"causal_128", 0, attended<128, true>, true},
      {"conv1d", 0, sequences, true},
      {"conv2d", 0, pictures<64, 28, 3, 1, 1>, true},
      {"conv2d_stride", 0, pictures<32, 56, 3, 2, 1>, true},
      {"conv2d_1x1", 0, pictures<64, 28, 1, 1, 0>, true},
      {"conv2d_patch", 0, pictures<3, 224, 16, 16, 0>, true},
  };
  return cases;
}

}  // namespace weft::tools
