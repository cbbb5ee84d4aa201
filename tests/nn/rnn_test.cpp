#include "nn/rnn.hpp"

#include "tests/nn/against_pytorch.hpp"

namespace weft::nn {
namespace {

using weft::testing::Fixture;

TEST_CASE("RNN agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  for (const auto& [name, nonlinearity] :
       {std::pair{"rnn_tanh", Nonlinearity::tanh}, {"rnn_relu", Nonlinearity::relu}}) {
    RNN rnn(3, 4, 2, true, 0, nonlinearity);
    check_against_pytorch(rnn, name, dtype, {"x", "h0"}, {"output", "h_n"},
                          [&](const Fixture& fixture, const std::vector<Tensor>& leaves) {
                            const auto out = rnn.forward(leaves[0], fixture["lengths"], leaves[1]);
                            return std::vector{out.output, out.h_n};
                          });
  }
}

TEST_CASE("RNNCell agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  for (const auto& [name, nonlinearity] :
       {std::pair{"rnn_cell_tanh", Nonlinearity::tanh}, {"rnn_cell_relu", Nonlinearity::relu}}) {
    RNNCell cell(3, 4, nonlinearity);
    check_against_pytorch(cell, name, dtype, {"x", "h"}, {"output"},
                          [&](const Fixture&, const std::vector<Tensor>& leaves) {
                            return std::vector{cell.forward(leaves[0], leaves[1])};
                          });
  }
}

TEST_CASE("an RNN step does not stretch what does not fit") {
  const RNNCell cell(3, 4);
  CHECK_THROWS_WITH(cell.forward(ones({2, 3}), ones({1, 4})),
                    "RNN: wrong shape of input product; got [2, 4]; expected [1, 4]");
  CHECK_THROWS_WITH(cell.forward(ones({2, 3}), ones({2, 4}), bool_tensor({true}, {1})),
                    "RNN: wrong shape of mask; got [1]; expected [2]");
}

}  // namespace
}  // namespace weft::nn
