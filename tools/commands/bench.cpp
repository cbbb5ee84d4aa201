#include <algorithm>
#include <array>

#include "autograd/suggest.hpp"
#include "tools/commands/bench.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {
namespace {

struct Benchmark {
  std::string_view name;
  std::string_view description;
  int (*run)(const Arguments& arguments);
};

constexpr std::array<Benchmark, 4> kBenchmarks = {{
    {"train", "training steps compared with their matrix products, and time by op", bench_train},
    {"decode", "translations per second, greedy or beam search", bench_decode},
    {"gemm", "the matrix products of a training step with each of OpenBLAS's kernels", bench_gemm},
    {"ops", "each op by itself, against memory bandwidth and PyTorch", bench_ops},
}};

std::string help() {
  std::string text = "Measures the speed of an untrained model on random sentences.\n\n";
  for (const Benchmark& benchmark : kBenchmarks) {
    text += fmt::format("  weft bench {:<8} {}\n", benchmark.name, benchmark.description);
  }
  return text + "\nweft bench train --help lists all flags and their defaults.\n";
}

}  // namespace

int bench(const Arguments& arguments) {
  std::vector<std::string_view> names;
  std::ranges::transform(kBenchmarks, std::back_inserter(names), &Benchmark::name);
  if (arguments.empty()) {
    misuse("bench: got no benchmark; expected {}", fmt::join(names, ", "));
  }
  if (arguments[0] == "--help" || arguments[0] == "-h") {
    throw HelpRequest(help());
  }
  const auto found = std::ranges::find(kBenchmarks, arguments[0], &Benchmark::name);
  if (found == kBenchmarks.end()) {
    misuse("bench: unknown benchmark {}; expected {}{}", models::printable(arguments[0]),
           fmt::join(names, ", "), did_you_mean(arguments[0], names));
  }
  return found->run({arguments.begin() + 1, arguments.end()});
}

}  // namespace weft::tools
