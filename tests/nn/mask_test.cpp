#include "nn/mask.hpp"

#include "tests/catch.hpp"

namespace weft::nn {
namespace {

TEST_CASE("masks tell elements from padding") {
  const Tensor lengths = tensor<std::int64_t>({3, 1}, {2});
  CHECK(identical(sequence_mask(lengths, 3),
                  bool_tensor({true, true, true, false, true, false}, {3, 2})));
  CHECK(identical(padding_mask(lengths, 3),
                  bool_tensor({false, false, false, true, false, true}, {3, 2})));
}

TEST_CASE("lengths are between 1 and the number of steps") {
  CHECK_THROWS_WITH(sequence_mask(tensor<std::int64_t>({3, 0}, {2}), 3),
                    "lengths: row 1 out of range; got 0; expected 1 <= length <= 3");
  CHECK_THROWS_WITH(padding_mask(tensor<std::int64_t>({4}, {1}), 3),
                    "lengths: row 0 out of range; got 4; expected 1 <= length <= 3");
  CHECK_THROWS_WITH(sequence_mask(tensor<std::int64_t>({1}, {1, 1}), 3),
                    "lengths: wrong shape; got [1, 1]; expected [B]");
  CHECK_THROWS_WITH(sequence_mask(ones({2}), 3),
                    "lengths: wrong dtype of the tensor; got float32; expected int64");
}

}  // namespace
}  // namespace weft::nn
