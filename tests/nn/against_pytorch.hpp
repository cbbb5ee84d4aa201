#pragma once

#include <string>
#include <vector>

#include "autograd/engine.hpp"
#include "nn/module.hpp"
#include "tests/fixtures/fixture.hpp"

/// Compares modules with PyTorch.
namespace weft::nn {

/// Loads the fixture's parameters into `module`, calls forward(fixture, leaves) with its tensors
/// named `inputs`, and compares the results with those named `outputs`, then all gradients under
/// the fixture's cotangents.
template <class F>
void check_against_pytorch(Module& module, const std::string& name, DType dtype,
                           const std::vector<std::string>& inputs,
                           const std::vector<std::string>& outputs, F&& forward) {
  INFO(name << " " << weft::name(dtype));
  const weft::testing::Fixture fixture(name, dtype);
  module.to(dtype);
  module.load_state(fixture.like(module.state()));
  NamedTensors leaves;
  std::vector<Tensor> arguments;
  for (const std::string& input : inputs) {
    leaves.emplace_back(input, fixture.leaf(input));
    arguments.push_back(leaves.back().second);
  }
  const std::vector<Tensor> got = forward(fixture, arguments);
  std::vector<Tensor> cotangents;
  REQUIRE(got.size() == outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    weft::testing::check_close(outputs[i], got[i], fixture[outputs[i]]);
    cotangents.push_back(fixture["cotangent." + outputs[i]]);
  }
  backward(got, cotangents);
  for (const NamedTensors& tensors : {leaves, module.named_parameters()}) {
    for (const auto& [tensor_name, tensor] : tensors) {
      weft::testing::check_close("gradient of " + tensor_name, tensor.grad(),
                                 fixture["grad." + tensor_name]);
    }
  }
}

}  // namespace weft::nn
