#include "autograd/dtype.hpp"

#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("each dtype has a name, a size and a C++ type") {
  CHECK(name(DType::float32) == "float32");
  CHECK(name(DType::float64) == "float64");
  CHECK(name(DType::int64) == "int64");
  CHECK(name(DType::boolean) == "bool");
  CHECK(size_of(DType::float32) == 4);
  CHECK(size_of(DType::float64) == 8);
  CHECK(size_of(DType::int64) == 8);
  CHECK(size_of(DType::boolean) == 1);
  CHECK(is_floating(DType::float64));
  CHECK_FALSE(is_floating(DType::int64));
  CHECK_FALSE(is_floating(DType::boolean));
}

TEST_CASE("dispatch calls the one matching type or names the place") {
  std::size_t bytes = 0;
  dispatch<float, double>("here", DType::float64, [&]<class T>() { bytes += sizeof(T); });
  CHECK(bytes == sizeof(double));
  CHECK_THROWS_WITH(dispatch_floating("here", DType::boolean, []<class T>() {}),
                    "here: unsupported dtype; got bool");
}

}  // namespace
}  // namespace weft
