#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor counted(const Shape& shape) { return reshape(arange(numel(shape)), shape); }

std::vector<std::int64_t> ids(const Tensor& x) { return x.to_vector<std::int64_t>(); }

using Ids = std::vector<std::int64_t>;

TEST_CASE("reshape works out an open size and shares the storage") {
  const Tensor x = counted({2, 3});
  CHECK(reshape(x, {3, -1}).shape() == Shape{3, 2});
  CHECK(reshape(x, {-1}).data<std::int64_t>().data() == x.data<std::int64_t>().data());
  CHECK(reshape(zeros({0, 3}), {-1, 3}).shape() == Shape{0, 3});
}

TEST_CASE("transpose exchanges two dimensions") {
  CHECK(ids(transpose(counted({2, 3}), 0, 1)) == Ids{0, 3, 1, 4, 2, 5});
  CHECK(ids(transpose(counted({2, 1, 3}), 0, -1)) == Ids{0, 3, 1, 4, 2, 5});
  CHECK(ids(transpose(counted({2, 2, 2}), 1, 0)) == Ids{0, 1, 4, 5, 2, 3, 6, 7});
  CHECK(ids(transpose(counted({2, 2, 2}), 1, 2)) == Ids{0, 2, 1, 3, 4, 6, 5, 7});
  CHECK(ids(transpose(counted({2, 3}), 1, 1)) == Ids{0, 1, 2, 3, 4, 5});
}

TEST_CASE("expand repeats") {
  CHECK(ids(expand(counted({2, 1}), {2, 2, 3})) == Ids{0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1});
}

TEST_CASE("cat and split are inverse, as are stack and unbind") {
  const Tensor x = counted({2, 5});
  const std::vector<Tensor> pieces = split(x, {2, 0, 3}, -1);
  CHECK(ids(pieces[0]) == Ids{0, 1, 5, 6});
  CHECK(pieces[1].shape() == Shape{2, 0});
  CHECK(identical(cat(pieces, 1), x));
  for (const std::int64_t dim : {0, 1}) {
    CHECK(identical(stack(unbind(x, dim), dim), x));
  }
  CHECK(ids(unbind(x, 1)[2]) == Ids{2, 7});
  CHECK(stack({scalar(1), scalar(2)}).to_vector<float>() == std::vector<float>{1, 2});
}

TEST_CASE("narrow takes a range") {
  CHECK(ids(narrow(counted({2, 4}), 1, 1, 2)) == Ids{1, 2, 5, 6});
  CHECK(ids(narrow(counted({3, 2}), 0, 2, 1)) == Ids{4, 5});
  CHECK(narrow(counted({3, 2}), 0, 3, 0).numel() == 0);
}

TEST_CASE("split takes no negative sizes") {
  CHECK_THROWS_WITH(split(zeros({1, 2}), {3, -1}, 1), "split: negative size; got [3, -1]");
}

TEST_CASE("flip turns one dimension round, of any dtype") {
  const Tensor x = tensor<float>({1, 2, 3, 4, 5, 6}, {2, 3});
  CHECK(identical(flip(x, 1), tensor<float>({3, 2, 1, 6, 5, 4}, {2, 3})));
  CHECK(identical(flip(x, 0), tensor<float>({4, 5, 6, 1, 2, 3}, {2, 3})));
  CHECK(identical(flip(arange(3), 0), tensor<std::int64_t>({2, 1, 0}, {3})));
}

}  // namespace
}  // namespace weft
