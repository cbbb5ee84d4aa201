#include "autograd/storage.hpp"

#include <cmath>
#include <cstdint>

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("storage is aligned, counted and versioned") {
  const std::size_t before = memory_stats().live;
  {
    Storage storage(1000);
    CHECK(reinterpret_cast<std::uintptr_t>(storage.data()) % 64 == 0);
    CHECK(storage.bytes() == 1000);
    CHECK(memory_stats().live == before + 1000);
    CHECK(storage.version() == 0);
    storage.bump_version();
    CHECK(storage.version() == 1);
  }
  CHECK(memory_stats().live == before);
}

TEST_CASE("the peak outlives what caused it, until it is reset") {
  reset_peak_memory();
  const std::size_t before = memory_stats().peak;
  { const Storage storage(1 << 20); }
  CHECK(memory_stats().peak == before + (1 << 20));
  reset_peak_memory();
  CHECK(memory_stats().peak == memory_stats().live);
}

TEST_CASE("fresh buffers hold NaN on request") {
  fill_fresh_buffers_with_nan(true);
  CHECK(std::isnan(empty({3}).to_vector<float>()[2]));
  CHECK(std::isnan(empty({3}, DType::float64).to_vector<double>()[2]));
  CHECK(zeros({3}).to_vector<float>() == std::vector<float>{0, 0, 0});
  fill_fresh_buffers_with_nan(false);
}

TEST_CASE("a dropped graph gives its memory back") {
  const std::size_t before = memory_stats().live;
  {
    const Tensor x = full({100, 100}, 0.5).set_requires_grad();
    const Tensor y = sum(tanh(matmul(x, x)) * x);
    y.backward();
    CHECK(memory_stats().live > before);
  }
  CHECK(memory_stats().live == before);
}

}  // namespace
}  // namespace weft
