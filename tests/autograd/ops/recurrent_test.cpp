#include <cmath>

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor leaf(const std::vector<double>& values, const Shape& shape) {
  return tensor(values, shape).set_requires_grad();
}

TEST_CASE("a GRU step by hand, and a row that is masked out") {
  // r = sigmoid(0) = 1/2, z = sigmoid(ln 3) = 3/4, n = tanh(1 + r 2) = tanh 2
  const double ln3 = std::log(3.0);
  const Tensor gi = leaf({0, ln3, 1, 0, ln3, 1}, {2, 3});
  const Tensor gh = leaf({0, 0, 2, 0, 0, 2}, {2, 3});
  const Tensor h = leaf({4, 5}, {2, 1});
  const Tensor next = gru_cell(gi, gh, h, bool_tensor({true, false}, {2}));
  CHECK(next.data<double>()[0] == Approx(0.25 * std::tanh(2.0) + 0.75 * 4));
  CHECK(next.data<double>()[1] == 5);
}

TEST_CASE("an LSTM step by hand, and a row that is masked out") {
  // i = sigmoid(0) = 1/2, f = sigmoid(ln 3) = 3/4, g = tanh 1, o = sigmoid(-ln 3) = 1/4
  const double ln3 = std::log(3.0);
  const Tensor gi = leaf({0, ln3, 0.5, 0, 0, ln3, 0.5, 0}, {2, 4});
  const Tensor gh = leaf({0, 0, 0.5, -ln3, 0, 0, 0.5, -ln3}, {2, 4});
  const std::vector<Tensor> next = lstm_cell(gi, gh, leaf({9, 5}, {2, 1}), leaf({2, 6}, {2, 1}),
                                             bool_tensor({true, false}, {2}));
  const double c = 0.75 * 2 + 0.5 * std::tanh(1.0);
  CHECK(next[0].data<double>()[0] == Approx(0.25 * std::tanh(c)));
  CHECK(next[1].data<double>()[0] == Approx(c));
  CHECK(next[0].data<double>()[1] == 5);
  CHECK(next[1].data<double>()[1] == 6);
}

TEST_CASE("an LSTM step does not read h if no row keeps it") {
  const Tensor products = leaf({1, 2, 3, 4}, {1, 4});
  const Tensor c = leaf({1}, {1, 1});
  const std::vector<Tensor> next = lstm_cell(products, products, leaf({NAN}, {1, 1}), c);
  CHECK(std::isfinite(next[0].item()));
  CHECK(std::isfinite(next[1].item()));
}

TEST_CASE("NaN in a row that is masked out reaches no derivative of either order") {
  const Tensor gi = leaf({NAN, NAN, NAN, 1, 2, 3}, {2, 3});
  const Tensor gh = leaf({NAN, NAN, NAN, 1, 2, 3}, {2, 3});
  const Tensor h = leaf({NAN, 1}, {2, 1});
  const Tensor u = tensor<double>({1, 1}, {2, 1});
  std::vector<std::vector<Tensor>> found;
  for (const bool create_graph : {false, true}) {
    const Tensor next = gru_cell(gi, gh, h, bool_tensor({false, true}, {2}));
    found.push_back(grad({next}, {gi, gh, h}, {u}, {.create_graph = create_graph}));
    CHECK(found.back()[0].data<double>()[0] == 0);
    CHECK(found.back()[1].data<double>()[2] == 0);
    CHECK(found.back()[2].data<double>()[0] == 1);
  }
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < found[0][i].data<double>().size(); ++j) {
      CHECK(found[0][i].data<double>()[j] == Approx(found[1][i].data<double>()[j]));
    }
  }
}

TEST_CASE("the same of an LSTM, whichever output is used") {
  const Tensor products = leaf({NAN, NAN, NAN, NAN, 1, 2, 3, 4}, {2, 4});
  const Tensor h = leaf({NAN, 1}, {2, 1});
  const Tensor c = leaf({NAN, 1}, {2, 1});
  const Tensor u = tensor<double>({1, 1}, {2, 1});
  for (const std::size_t output : {0, 1}) {
    for (const bool create_graph : {false, true}) {
      const Tensor next =
          lstm_cell(products, products, h, c, bool_tensor({false, true}, {2}))[output];
      const std::vector<Tensor> found =
          grad({next}, {products, h, c}, {u}, {.create_graph = create_graph, .allow_unused = true});
      INFO("output " << output << ", create_graph " << create_graph);
      CHECK(found[0].data<double>()[0] == 0);
      CHECK(found[0].data<double>()[5] != 0);
      const double dh = found[1].defined() ? found[1].data<double>()[0] : 0;
      CHECK(dh == (output == 0 ? 1 : 0));
      CHECK(found[2].data<double>()[0] == (output == 1 ? 1 : 0));
      CHECK(std::isfinite(found[2].data<double>()[1]));
    }
  }
}

}  // namespace
}  // namespace weft
