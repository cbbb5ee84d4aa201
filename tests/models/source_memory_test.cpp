#include "models/source_memory.hpp"

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft::models {
namespace {

using Ids = std::vector<std::int64_t>;

TEST_CASE("rows share the sentences of a memory, and those that nobody reads are dropped") {
  const Tensor values = tensor<float>({1, 2, 3, 4, 5, 6}, {2, 3});  // S = 2, B = 3
  const Tensor padding = tensor<float>({0, 0, 0, 0, 1, 0}, {2, 3}).to(DType::boolean);
  SourceMemory memory({values, padding, Tensor()}, 3);
  CHECK_FALSE(memory.rows().defined());
  memory.select(tensor<std::int64_t>({2, 0, 2}, {3}));
  CHECK(memory.rows().to_vector<std::int64_t>() == Ids{2, 0, 2});
  CHECK(identical(memory[0], values));

  SourceMemory longer({tensor<float>({7, 8, 9}, {3, 1}), zeros({3, 1}, DType::boolean), Tensor()},
                      1);
  memory.join(longer);
  CHECK(memory.rows().to_vector<std::int64_t>() == Ids{1, 0, 1, 2});
  CHECK(identical(memory[0], tensor<float>({1, 3, 7, 4, 6, 8, 0, 0, 9}, {3, 3})));
  CHECK(
      identical(memory[1].to(DType::float32), tensor<float>({0, 0, 0, 0, 0, 0, 1, 1, 0}, {3, 3})));
  CHECK_FALSE(memory[2].defined());
}

}  // namespace
}  // namespace weft::models
