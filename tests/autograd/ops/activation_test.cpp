#include <algorithm>
#include <cmath>

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

TEST_CASE("relu has derivative 0 at its kink") {
  const Tensor x = tensor<double>({-1, 0, 2}, {3}).set_requires_grad();
  sum(relu(x)).backward();
  CHECK(x.grad().to_vector<double>() == std::vector<double>{0, 0, 1});
}

TEST_CASE("dropout drops what the random words say") {
  Generator generator(5);
  generator.advance();
  const std::uint64_t position = generator.position();
  const std::vector<float> y = dropout(ones({150}), 0.5, generator).to_vector<float>();
  for (std::size_t i = 0; i < y.size();
       ++i) {  // word w of counter 16 b + j: element 64 b + 16 w + j
    const auto words = philox(5, position, i / 64 * 16 + i % 16);
    CHECK(y[i] == (words[i % 64 / 16] < 0x80000000 ? 0 : 2));
  }
}

TEST_CASE("dropout keeps the mean, and its gradient has the same mask") {
  Generator generator(0);
  const Tensor x = ones({10000}).set_requires_grad();
  const Tensor y = dropout(x, 0.2, generator);
  CHECK(generator.position() == 1);
  const std::vector<float> values = y.to_vector<float>();
  CHECK(std::abs(std::ranges::count(values, 0.0F) - 2000) < 5 * 40);  // binomial
  CHECK(std::ranges::count(values, 1.25F) + std::ranges::count(values, 0.0F) == 10000);
  sum(y).backward();
  CHECK(identical(x.grad(), y.detach()));
  CHECK_FALSE(identical(dropout(x, 0.2, generator).detach(), y.detach()));
  CHECK(identical(dropout(x, 0, generator).detach(), x.detach()));
}

}  // namespace
}  // namespace weft
