#include "nn/gru.hpp"

#include "tests/nn/against_pytorch.hpp"

namespace weft::nn {
namespace {

using weft::testing::Fixture;

TEST_CASE("GRU agrees with PyTorch") {
  struct Case {
    std::string name;
    std::int64_t layers;
    bool bidirectional;
  };
  const DType dtype = GENERATE(DType::float32, DType::float64);
  for (const auto& [name, layers, bidirectional] :
       {Case{"gru", 1, false}, {"gru_bidirectional", 1, true}, {"gru_two_layers", 2, true}}) {
    GRU gru(3, 4, layers, bidirectional);
    check_against_pytorch(gru, name, dtype, {"x", "h0"}, {"output", "h_n"},
                          [&](const Fixture& fixture, const std::vector<Tensor>& leaves) {
                            const auto out = gru.forward(leaves[0], fixture["lengths"], leaves[1]);
                            return std::vector{out.output, out.h_n};
                          });
  }
}

TEST_CASE("GRUCell agrees with PyTorch") {
  const DType dtype = GENERATE(DType::float32, DType::float64);
  GRUCell cell(3, 4);
  check_against_pytorch(cell, "gru_cell", dtype, {"x", "h"}, {"output"},
                        [&](const Fixture&, const std::vector<Tensor>& leaves) {
                          return std::vector{cell.forward(leaves[0], leaves[1])};
                        });
}

}  // namespace
}  // namespace weft::nn
