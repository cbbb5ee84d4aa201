#include <algorithm>
#include <array>
#include <string>
#include <thread>
#include <vector>

#include "autograd/anomaly.hpp"
#include "autograd/hooks.hpp"
#include "autograd/kernels/gemm.hpp"
#include "autograd/kernels/product.hpp"
#include "autograd/ops.hpp"
#include "autograd/random.hpp"
#include "autograd/tape.hpp"
#include "tests/autograd/threads.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

Tensor normal(const Shape& shape, Generator& generator) { return randn(shape, generator); }

void check_close(const Tensor& got, const Tensor& expected) {
  REQUIRE(got.shape() == expected.shape());
  const std::vector<float> a = got.to_vector<float>();
  const std::vector<float> b = expected.to_vector<float>();
  for (std::size_t i = 0; i < a.size(); ++i) {
    REQUIRE(a[i] == Approx(b[i]).epsilon(1e-4).margin(1e-4));
  }
}

TEST_CASE("a packed product is the product, of the weight and of its transpose") {
  Generator generator(1);
  for (const std::int64_t rows : {0, 1, 2, 40, 300}) {
    const Tensor x = normal({rows, 70}, generator);
    const Tensor w = normal({150, 70}, generator);
    const Tensor turned = normal({70, 150}, generator);
    check_close(packed_product(x, w, Transpose::yes), product(x, Transpose::no, w, Transpose::yes));
    check_close(packed_product(x, turned, Transpose::no),
                product(x, Transpose::no, turned, Transpose::no));
  }
}

TEST_CASE("a packed weight follows changes in place and new data") {
  Generator generator(2);
  const Tensor x = normal({3, 20}, generator);
  Tensor w = normal({40, 20}, generator);
  const Tensor before = packed_product(x, w, Transpose::yes);
  CHECK(identical(packed_product(x, w, Transpose::yes), before));
  w.mutable_data<float>()[5] += 1;
  const Tensor after = packed_product(x, w, Transpose::yes);
  CHECK_FALSE(identical(after, before));
  CHECK(identical(after, packed_product(x, w.clone(), Transpose::yes)));
  w.set_data(w * 2);
  CHECK(identical(packed_product(x, w, Transpose::yes), after * 2));
}

TEST_CASE("threads may multiply by one weight that none has packed yet") {
  Generator generator(11);
  const Tensor x = normal({3, 64}, generator);
  for (int repeat = 0; repeat < 20; ++repeat) {
    const Tensor w = normal({200, 64}, generator);
    std::array<Tensor, 4> results;
    {
      std::vector<std::thread> threads;
      for (Tensor& result : results) {
        threads.emplace_back([&] { result = packed_product(x, w, Transpose::yes); });
      }
      std::ranges::for_each(threads, &std::thread::join);
    }
    for (const Tensor& result : results) {
      REQUIRE(identical(result, packed_product(x, w.clone(), Transpose::yes)));
    }
  }
}

TEST_CASE("views of one storage are packed each for itself") {
  Generator generator(3);
  const Tensor x = normal({3, 20}, generator);
  const Tensor all = normal({80, 20}, generator);
  for (int repeat = 0; repeat < 2; ++repeat) {
    for (const std::int64_t first : {0, 40}) {
      const Tensor part = narrow(all, 0, first, 40);
      CHECK(identical(packed_product(x, part, Transpose::yes),
                      packed_product(x, part.clone(), Transpose::yes)));
    }
    const Tensor square = reshape(all, {40, 40});
    const Tensor wide = normal({2, 40}, generator);
    check_close(packed_product(wide, square, Transpose::no),
                product(wide, Transpose::no, square, Transpose::no));
  }
}

TEST_CASE("a packed product has the same bits in any number of threads") {
  Generator generator(4);
  const Tensor x = normal({64, 256}, generator);
  const Tensor w = normal({700, 256}, generator);
  testing::check_same_bits_with_any_threads([&] { return packed_product(x, w, Transpose::yes); });
}

TEST_CASE("linear has the same bits for a row alone, where nothing is recorded") {
  Generator generator(5);
  const NoGradGuard guard;
  const Tensor x = normal({300, 64}, generator);
  const Tensor w = normal({100, 64}, generator);
  const Tensor b = normal({100}, generator);
  const Tensor together = linear(x, w, b);
  for (const std::int64_t row : {0, 1, 299}) {
    CHECK(identical(linear(narrow(x, 0, row, 1), w, b), narrow(together, 0, row, 1)));
  }
}

TEST_CASE("a log notes every product, and the youngest log alone") {
  Generator generator(6);
  const Tensor x = normal({3, 20}, generator);
  const Tensor w = normal({40, 20}, generator);
  const GemmLog outer;
  packed_product(x, w, Transpose::yes);
  {
    const GemmLog inner;
    product(w, Transpose::yes, w, Transpose::no);
    CHECK(inner.shapes() == std::vector<GemmShape>{{20, 20, 40, true, false, false, 1}});
  }
  CHECK(outer.shapes() == std::vector<GemmShape>{{3, 40, 20, false, true, false, 1}});
}

TEST_CASE("a packed product of no columns is its bias") {
  const Tensor b = tensor<float>({1, 2}, {2});
  CHECK(identical(packed_product(zeros({1, 0}), zeros({2, 0}), Transpose::yes, b),
                  reshape(b, {1, 2})));
}

TEST_CASE("a packed product checks its shapes") {
  const Tensor x = ones({3, 20});
  const Tensor w = ones({40, 21});
  CHECK_THROWS_WITH(packed_product(x, w, Transpose::yes),
                    "packed_product: shapes do not fit; got x [3, 20], w [40, 21]; "
                    "expected [N, K] and K of w's");
  CHECK_THROWS_AS(packed_product(x, ones({40, 20}), Transpose::yes, ones({39})), Error);
}

TEST_CASE("a gradient in factors reaches leaves and hooks as one tensor") {
  const auto factors = [] { return Gradient::product(full({2, 3}, 2), full({2, 4}, 5)); };
  const Tensor expected = full({3, 4}, 20);
  Tensor w = ones({3, 4}).set_requires_grad();
  w.set_gradient(factors());
  CHECK_FALSE(w.gradient().is_product());
  CHECK(identical(w.grad(), expected));
  w.zero_grad();
  const HookHandle hook = w.register_hook([&](const Gradient&) { return factors(); });
  sum(w * w).backward();
  CHECK(identical(w.grad(), expected));
}

TEST_CASE("a gradient in factors is recorded under create_graph") {
  Tensor left = full({2, 3}, 2).set_requires_grad();
  const Tensor dense = Gradient::product(left, full({2, 4}, 5)).dense();
  sum(dense).backward();
  CHECK(identical(left.grad(), full({2, 3}, 20)));
}

TEST_CASE("anomaly mode sees a product of finite factors that is not finite") {
  Tensor w = zeros({2, 3}).set_requires_grad();
  const AnomalyGuard anomaly;
  const Tensor y = linear(full({4, 3}, 1e30), w);
  std::string message;
  try {
    sum(y * 1e30).backward();
  } catch (const Error& error) {
    message = error.what();
  }
  CHECK(message.starts_with("linear backward: made the first NaN or infinity"));
}

}  // namespace
}  // namespace weft
