#include "autograd/threads.hpp"

#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("the number of threads is what was set last") {
  const testing::WithThreads with(3);
  CHECK(num_threads() == 3);
  set_num_threads(1);
  CHECK(num_threads() == 1);
  CHECK_THROWS_WITH(set_num_threads(0),
                    "set_num_threads: too few threads; got 0; expected at least 1");
  CHECK(num_threads() == 1);
}

}  // namespace
}  // namespace weft
