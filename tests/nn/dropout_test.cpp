#include "nn/dropout.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/random.hpp"
#include "tests/catch.hpp"

namespace weft::nn {
namespace {

TEST_CASE("Dropout zeroes a part and scales the rest in training") {
  manual_seed(1);
  const Dropout dropout(0.75);
  const Tensor y = dropout.forward(ones({100, 100}));
  const auto dropped = std::ranges::count(y.data<float>(), 0.0F);
  CHECK(static_cast<double>(dropped) / 10000 == Approx(0.75).margin(0.02));
  CHECK(std::ranges::count(y.data<float>(), 4.0F) == 10000 - dropped);
}

TEST_CASE("Dropout passes everything after eval") {
  Dropout dropout(0.75);
  dropout.eval();
  const Tensor x = ones({3});
  CHECK(dropout.forward(x).is_same(x));
}

TEST_CASE("Dropout of nothing draws no random numbers") {
  const Dropout dropout(0);
  const std::uint64_t position = default_generator().position();
  const Tensor x = ones({3});
  CHECK(dropout.forward(x).is_same(x));
  CHECK(default_generator().position() == position);
}

TEST_CASE("Dropout refuses what is no probability") {
  CHECK_THROWS_WITH(Dropout(1), "Dropout: p out of range; got 1; expected 0 <= p < 1");
  CHECK_THROWS_WITH(Dropout(-0.5), "Dropout: p out of range; got -0.5; expected 0 <= p < 1");
  CHECK_THROWS_AS(Dropout(NAN), Error);
}

}  // namespace
}  // namespace weft::nn
