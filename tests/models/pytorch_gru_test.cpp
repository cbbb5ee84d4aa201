#include "tests/interop/pytorch_gru.hpp"

#include "tests/catch.hpp"
#include "tests/fixtures/fixture.hpp"

namespace weft::interop {
namespace {

using weft::testing::check_close;

TEST_CASE("the weights of a PyTorch GRU load from its safetensors file") {
  const auto [tensors, gru] = load_pytorch_gru(WEFT_TESTS_DIR "/fixtures/pytorch_gru.safetensors");
  REQUIRE(gru->num_directions() == 2);
  const auto [output, h_n] = gru->forward(tensors.at("x"), tensors.at("lengths"));
  check_close("output", output, tensors.at("output"));
  check_close("h_n", h_n, tensors.at("h_n"));
}

}  // namespace
}  // namespace weft::interop
