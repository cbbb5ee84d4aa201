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

constexpr std::array<Benchmark, 3> kBenchmarks = {{
    {"train", "a training step beside its matrix products alone, and where its time goes",
     bench_train},
    {"decode", "translations a second, greedy or by a beam", bench_decode},
    {"gemm", "a training step's matrix products, on each of OpenBLAS's kernels", bench_gemm},
}};

std::string help() {
  std::string text = "Measures the speed of a new model on random sentences.\n\n";
  for (const Benchmark& benchmark : kBenchmarks) {
    text += fmt::format("  weft bench {:<8} {}\n", benchmark.name, benchmark.description);
  }
  return text + "\nweft bench train --help shows every flag with its default.\n";
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
