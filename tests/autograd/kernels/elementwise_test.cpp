#include "autograd/kernels/elementwise.hpp"

#include <numeric>
#include <vector>

#include "autograd/sampler.hpp"
#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft::kernels {
namespace {

/// The index at which an operand of shape `operand` is read for element `index` of a result of
/// shape `result`.
std::size_t source(std::int64_t index, const Shape& result, const Shape& operand) {
  std::int64_t place = 0;
  std::int64_t stride = 1;
  for (std::size_t i = 0; i < operand.size(); ++i) {  // from the last dimension outwards
    const std::int64_t size = result[result.size() - 1 - i];
    const std::int64_t own = operand[operand.size() - 1 - i];
    place += own == 1 ? 0 : index % size * stride;
    stride *= own;
    index /= size;
  }
  return static_cast<std::size_t>(place);
}

std::vector<double> counted(const Shape& shape, double first) {
  std::vector<double> values(static_cast<std::size_t>(numel(shape)));
  std::iota(values.begin(), values.end(), first);
  return values;
}

TEST_CASE("zip and zip3 broadcast as the definition says") {
  Sampler sampler(0);
  for (int sample = 0; sample < 300; ++sample) {
    const auto [a_shape, b_shape] = sampler.broadcast_pair();
    const Shape shape = broadcast_shapes("zip", a_shape, b_shape);
    const std::vector<double> a = counted(a_shape, 1);
    const std::vector<double> b = counted(b_shape, 1000);
    std::vector<double> two(static_cast<std::size_t>(numel(shape)));
    zip(a.data(), a_shape, b.data(), b_shape, two.data(), shape,
        [](double u, double v) { return u - 3 * v; });
    std::vector<double> three(two.size());
    zip3(a.data(), a_shape, b.data(), b_shape, a.data(), a_shape, three.data(), shape,
         [](double u, double v, double w) { return u * w - v; });
    for (std::size_t i = 0; i < two.size(); ++i) {
      const double u = a[source(static_cast<std::int64_t>(i), shape, a_shape)];
      const double v = b[source(static_cast<std::int64_t>(i), shape, b_shape)];
      CAPTURE(a_shape, b_shape, i);
      REQUIRE(two[i] == u - 3 * v);
      REQUIRE(three[i] == u * u - v);
    }
  }
}

TEST_CASE("a plan merges the dimensions it can") {
  CHECK(BroadcastPlan<2>({2, 3, 4}, {Shape{2, 3, 4}, Shape{2, 3, 4}}).inner() == 24);
  CHECK(BroadcastPlan<2>({2, 3, 4}, {Shape{2, 3, 4}, Shape{3, 4}}).inner() == 12);
  CHECK(BroadcastPlan<2>({2, 3, 4}, {Shape{2, 3, 4}, Shape{2, 1, 1}}).inner() == 12);
  CHECK(BroadcastPlan<1>({2, 3, 4}, {Shape{}}).inner() == 24);
  CHECK(BroadcastPlan<1>({2, 3, 4}, {Shape{}}).step()[0] == 0);
  CHECK(BroadcastPlan<1>({}, {Shape{}}).inner() == 1);
}

TEST_CASE("map and add_into go over every element") {
  const std::vector<double> x = counted({100001}, 0);
  std::vector<double> y(x.size());
  map(std::span<const double>(x), std::span<double>(y), [](double v) { return 2 * v; });
  add_into(std::span<const double>(x), std::span<double>(y));
  bool holds = true;
  for (std::size_t i = 0; i < x.size(); ++i) {
    holds = holds && y[i] == 3 * x[i];
  }
  CHECK(holds);
}

TEST_CASE("large zips have the bits of one thread") {
  const Shape row_shape = GENERATE(Shape{1000}, Shape{300, 1}, Shape{}, Shape{300, 1000});
  Generator generator(1);
  const Tensor a = randn({300, 1000}, generator);
  const Tensor b = randn(row_shape, generator);
  testing::check_same_bits_with_any_threads([&] {
    Tensor y = empty(a.shape());
    zip(a.data<float>().data(), a.shape(), b.data<float>().data(), row_shape,
        y.mutable_data<float>().data(), a.shape(), [](float u, float v) { return u / v; });
    return y;
  });
}

}  // namespace
}  // namespace weft::kernels
