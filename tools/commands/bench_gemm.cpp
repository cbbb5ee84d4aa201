#include <array>
#include <map>

#include "data/batches.hpp"
#include "tools/commands/bench.hpp"
#include "tools/commands/bench_flags.hpp"
#include "tools/measure/gemm_floor.hpp"
#include "tools/measure/machine.hpp"
#include "tools/measure/random_pairs.hpp"
#include "tools/measure/this_program.hpp"
#include "tools/terminal/output.hpp"

// `weft bench gemm`: the matrix products of a training step, weft's own and with each of OpenBLAS's
// kernels.
namespace weft::tools {
namespace {

/// OpenBLAS's kernels for the CPUs of the last ten years, one of each kind. (Zen has Haswell's.)
constexpr std::array<std::string_view, 3> kCores = {"Haswell", "SkylakeX", "Cooperlake"};
constexpr const char* kCoreVariable = "OPENBLAS_CORETYPE";
constexpr double kWorthTelling = 1.1;

struct Repeats {
  std::int64_t steps = steps_option(&steps, "repetitions to time");
};

struct ProductFlags : Repeats, ProgramFlags {
  bool cores = data::option(&cores, "cores", true, "also try OpenBLAS's other kernels");
};

/// The rate of the products with one of OpenBLAS's kernels.
struct CoreRate {
  std::string core;
  double gflops;
};

std::vector<GemmShape> products_of_a_step(const BenchFlags& flags) {
  const std::unique_ptr<models::Seq2Seq> model = make_model(flags);
  const std::vector<data::SentencePair> pairs =
      random_pairs(model->config(), flags.batch, flags.length);
  const data::Batch batch = data::make_batch(pairs, all_rows(flags.batch));
  const GemmLog log;
  model->loss(batch).backward();
  return log.shapes();
}

/// GFLOP/s of the same products by BLAS and by weft.
struct Rates {
  double blas;
  double own;
};

/// Medians of runs in turn.
Rates median_rates(GemmFloor& floor, std::int64_t repeats) {
  std::vector<double> blas;
  std::vector<double> own;
  for (std::int64_t i = -1; i < repeats; ++i) {  // the first is a warm-up
    const double times[] = {floor.run(Products::blas), floor.run(Products::own)};
    if (i >= 0) {
      blas.push_back(times[0]);
      own.push_back(times[1]);
    }
  }
  const double flop = floor.flop() / 1e6;
  return {flop / median(blas), flop / median(own)};
}

void print_shapes(const std::vector<GemmShape>& shapes, std::int64_t repeats, Output& output) {
  std::map<GemmShape, std::size_t> counts;
  for (const GemmShape& shape : shapes) {
    ++counts[shape];
  }
  output.line(
      fmt::format("{:<44} {:>6} {:>10} {:>8} {:>8}", "GFLOP/s", "times", "MFLOP", "BLAS", "weft"));
  for (const auto& [shape, count] : counts) {
    GemmFloor floor(std::vector<GemmShape>(count, shape));
    const Rates rates = median_rates(floor, repeats);
    output.line(fmt::format("{:<44} {:>6} {:>10.1f} {:>8.0f} {:>8.0f}", to_string(shape), count,
                            flop(shape) / 1e6, rates.blas, rates.own));
  }
}

/// Runs the same benchmark in a separate process, since OpenBLAS chooses its kernels once. Returns
/// 0 if the kernels of that CPU do not run here.
double rate_with(std::string_view core, Arguments arguments) {
  arguments.insert(arguments.begin(), {"bench", "gemm"});
  arguments.insert(arguments.end(), {"--cores", "false", "--quiet", "--json"});
  const std::optional<std::string> printed =
      output_of_this_program(arguments, kCoreVariable, std::string(core));
  if (!printed) {
    return 0;
  }
  const models::Json json = models::parse_json_strict(*printed, "bench gemm");
  return json.at("core").get<std::string>() == core ? json.at("gflops").get<double>() : 0;
}

/// Prints the rates of all kernels that run here, and the fastest of them if it is worth a setting.
void compare(const CoreRate& own, const std::vector<CoreRate>& rates, Output& output) {
  output.line("");
  for (const auto& [core, gflops] : rates) {
    output.line(gflops > 0 ? fmt::format("{}={:<12} {:>5.0f} GFLOP/s", kCoreVariable, core, gflops)
                           : fmt::format("{}={:<12} not on this machine", kCoreVariable, core));
  }
  const CoreRate& best = *std::ranges::max_element(rates, {}, &CoreRate::gflops);
  if (best.core != own.core && best.gflops > kWorthTelling * own.gflops) {
    output.line(
        fmt::format("hint: export {}={} makes these products {:.2f} times as fast as with {}",
                    kCoreVariable, best.core, best.gflops / own.gflops, own.core));
  } else {
    output.line(fmt::format("{}, in use here, is the fastest", own.core));
  }
}

}  // namespace

int bench_gemm(const Arguments& arguments) {
  BenchFlags flags;
  ProductFlags repeats;
  Options options("bench gemm",
                  "Measures the matrix products of a training step by themselves: weft's own, and "
                  "on each of OpenBLAS's kernels, which it chooses by the CPU.");
  declare(options, flags, arguments);
  options.add(repeats);
  options.parse(arguments);
  check_model(options, flags.model);
  use_threads(repeats.threads);

  const std::vector<GemmShape> shapes = products_of_a_step(flags);
  GemmFloor all(shapes);
  const Rates of_all = median_rates(all, repeats.steps);
  const CoreRate own{blas_core(), of_all.blas};
  std::vector<CoreRate> rates;
  for (const std::string_view core :
       repeats.cores ? std::span(kCores) : std::span(kCores).first(0)) {
    rates.push_back({std::string(core), rate_with(core, arguments)});
  }

  Output output;
  if (!repeats.quiet) {
    print_shapes(shapes, repeats.steps, output);
    output.line("");
    output.line(fmt::format(
        "all {} of a step: {:.2f} GFLOP at {:.0f} GFLOP/s with OpenBLAS {}, {:.0f} with weft's own",
        all.size(), all.flop() / 1e9, own.gflops, own.core, of_all.own));
    if (repeats.cores) {
      compare(own, rates, output);
    }
  }
  if (repeats.json) {
    models::Json json = {{"core", own.core}, {"gflops", own.gflops}, {"own_gflops", of_all.own}};
    for (const auto& [core, gflops] : rates) {
      json["cores"][core] = gflops;
    }
    output.json(json);
  }
  output.close();
  return 0;
}

}  // namespace weft::tools
