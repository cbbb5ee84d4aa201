#include "nn/ssru.hpp"

#include "autograd/ops.hpp"
#include "tests/nn/against_pytorch.hpp"

namespace weft::nn {
namespace {

TEST_CASE("SSRU agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  SSRU unit(5);
  check_against_pytorch(unit, "ssru", dtype, {"x"}, {"output"}, [&](const auto&, const auto& x) {
    return std::vector{unit.forward(x[0])};
  });
}

TEST_CASE("the steps of an SSRU are those of all") {
  Generator generator(1);
  SSRU unit(4);
  unit.to(DType::float64);
  const Tensor x = randn({5, 2, 4}, generator, DType::float64);
  const std::vector<Tensor> expected = unbind(unit.forward(x));
  Tensor state = zeros({2, 4}, DType::float64);
  const std::vector<Tensor> steps = unbind(x);
  for (std::size_t t = 0; t < steps.size(); ++t) {
    const SSRU::Step next = unit.step(steps[t], state);
    state = next.state;
    CHECK(norm(next.output - expected[t]).item() < 1e-14);
  }
}

}  // namespace
}  // namespace weft::nn
