#include "autograd/op.hpp"

#include <algorithm>

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

bool is_registered(std::string_view name) {
  return std::ranges::any_of(registered_ops(), [&](const Op* op) { return op->name() == name; });
}

Sample example(Sampler& s) {
  return {{s.normal({2})}, [](const auto& x) { return x[0] * 2.0; }};
}

TEST_CASE("an op is registered while it lives") {
  {
    const Op op("op_test", example, {}, KeepOutputs::yes);
    CHECK(op.keeps_outputs());
    CHECK(is_registered("op_test"));
  }
  CHECK_FALSE(is_registered("op_test"));
}

TEST_CASE("an op without samples cannot be made") {
  CHECK_THROWS_WITH(Op("bare", nullptr, {}),
                    "Op: no samples for 'bare'; expected a function that makes them");
  CHECK_FALSE(is_registered("bare"));
}

TEST_CASE("an unchecked op needs a reason and is not registered") {
  const Op op = Op::unchecked("straight_through", "a biased estimator on purpose");
  CHECK(op.name() == "straight_through");
  CHECK_FALSE(op.keeps_outputs());
  CHECK_FALSE(is_registered("straight_through"));
  CHECK_THROWS_WITH(Op::unchecked("lazy", ""), "Op::unchecked: no reason given for 'lazy'");
}

TEST_CASE("the registry is sorted by name") {
  CHECK(std::ranges::is_sorted(registered_ops(), {}, &Op::name));
}

TEST_CASE("a sample's call may return one tensor or several") {
  Sampler sampler(0);
  const Sample one = example(sampler);
  CHECK(one.function(one.inputs).size() == 1);
  const Sample two = {{sampler.normal({2, 3})}, [](const auto& x) { return unbind(x[0]); }};
  CHECK(two.function(two.inputs).size() == 2);
}

}  // namespace
}  // namespace weft
