// A program as a user of the library writes it: trains two layers on batches of random numbers,
// with as many threads as the library chooses, and prints its steps a second as a JSON object.
//
//   library_loop [SECONDS]

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "autograd/ops.hpp"
#include "nn/linear.hpp"
#include "optim/adam.hpp"

namespace {

using weft::Tensor;
using Clock = std::chrono::steady_clock;

constexpr double kDefaultSeconds = 2;

/// [N, 256] -> [N, 10], through 512 units.
struct Perceptron : weft::nn::Module {
  Perceptron() {
    child("in", in);
    child("out", out);
  }
  Tensor forward(const Tensor& x) const { return out.forward(tanh(in.forward(x))); }
  weft::nn::Linear in{256, 512}, out{512, 10};
};

}  // namespace

int main(int argc, char** argv) {
  const std::chrono::duration<double> time(argc > 1 ? std::atof(argv[1]) : kDefaultSeconds);
  weft::Generator generator(1);
  const Tensor x = weft::randn({128, 256}, generator);
  const Tensor y = weft::randn({128, 10}, generator);
  const Perceptron model;
  weft::optim::Adam optimizer(model.named_parameters(), {.lr = 1e-3});
  const auto step = [&] {
    optimizer.zero_grad();
    const Tensor error = model.forward(x) - y;
    weft::mean(error * error).backward();
    optimizer.step();
  };
  for (int i = 0; i < 10; ++i) {
    step();
  }
  int steps = 0;
  const Clock::time_point begin = Clock::now();
  for (; Clock::now() - begin < time; ++steps) {
    step();
  }
  const std::chrono::duration<double> took = Clock::now() - begin;
  fmt::print("{{\"steps_per_second\":{:.1f}}}\n", steps / took.count());
  return 0;
}
