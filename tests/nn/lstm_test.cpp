#include "nn/lstm.hpp"

#include "tests/nn/against_pytorch.hpp"

namespace weft::nn {
namespace {

using weft::testing::Fixture;

TEST_CASE("LSTM agrees with PyTorch") {
  struct Case {
    std::string name;
    std::int64_t layers;
    bool bidirectional;
  };
  const DType dtype = GENERATE(DType::float32, DType::float64);
  for (const auto& [name, layers, bidirectional] :
       {Case{"lstm", 1, false}, {"lstm_bidirectional", 1, true}, {"lstm_two_layers", 2, true}}) {
    LSTM lstm(3, 4, layers, bidirectional);
    check_against_pytorch(lstm, name, dtype, {"x", "h0", "c0"}, {"output", "h_n", "c_n"},
                          [&](const Fixture& fixture, const std::vector<Tensor>& leaves) {
                            const auto out =
                                lstm.forward(leaves[0], fixture["lengths"], leaves[1], leaves[2]);
                            return std::vector{out.output, out.h_n, out.c_n};
                          });
  }
}

TEST_CASE("LSTMCell agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  LSTMCell cell(3, 4);
  check_against_pytorch(cell, "lstm_cell", dtype, {"x", "h", "c"}, {"output", "output.c"},
                        [&](const Fixture&, const std::vector<Tensor>& leaves) {
                          const auto [h, c] = cell.forward(leaves[0], {leaves[1], leaves[2]});
                          return std::vector{h, c};
                        });
}

TEST_CASE("an LSTM begins with zeros where a state is left out") {
  const LSTM lstm(3, 4);
  const Tensor x = ones({2, 1, 3});
  const Tensor zero = zeros({1, 1, 4});
  CHECK(identical(lstm.forward(x).c_n, lstm.forward(x, {}, zero, zero).c_n));
  CHECK(identical(lstm.forward(x, {}, {}, ones({1, 1, 4})).output,
                  lstm.forward(x, {}, zero, ones({1, 1, 4})).output));
  CHECK_THROWS_WITH(lstm.forward(x, {}, zero, zeros({1, 4})),
                    "LSTM: wrong shape of c0; got [1, 4]; expected [1, 1, 4]");
}

}  // namespace
}  // namespace weft::nn
