#pragma once

#include "optim/optimizer.hpp"
#include "tests/fixtures/fixture.hpp"

namespace weft::optim {

/// Runs the ten steps of a fixture with the optimizer that `make(parameters)` returns, and checks
/// the parameters after each.
template <class F>
void check_ten_steps(const std::string& name, DType dtype, F&& make) {
  const weft::testing::Fixture fixture(name, dtype);
  NamedTensors parameters = {{"matrix", fixture.leaf("matrix.0")},
                             {"vector", fixture.leaf("vector.0")}};
  const auto optimizer = make(parameters);
  for (int step = 1; step <= 10; ++step) {
    for (auto& [parameter_name, tensor] : parameters) {
      tensor.set_gradient(fixture[fmt::format("grad.{}.{}", parameter_name, step)]);
    }
    optimizer->step();
    for (const auto& [parameter_name, tensor] : parameters) {
      const std::string after = fmt::format("{}.{}", parameter_name, step);
      weft::testing::check_close(after, tensor.detach(), fixture[after]);
    }
  }
}

}  // namespace weft::optim
