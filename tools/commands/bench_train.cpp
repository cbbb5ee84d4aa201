#include <algorithm>
#include <chrono>
#include <memory>

#include "autograd/products.hpp"
#include "autograd/profiler.hpp"
#include "data/batches.hpp"
#include "models/training/optimizers.hpp"
#include "optim/clip.hpp"
#include "tools/commands/bench.hpp"
#include "tools/commands/bench_flags.hpp"
#include "tools/measure/gemm_floor.hpp"
#include "tools/measure/machine.hpp"
#include "tools/measure/random_pairs.hpp"
#include "tools/measure/trace.hpp"
#include "tools/terminal/output.hpp"

// `weft bench train`: training steps, op by op, and each step's matrix products alone.
namespace weft::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kWarmUpSteps = 3;

/// Steps on the same batch: what `weft train` does between two batches.
class Training {
 public:
  Training(const BenchFlags& flags, Products products)
      : products_(products),
        model_(make_model(flags)),
        batch_(data::make_batch(random_pairs(model_->config(), flags.batch, flags.length),
                                all_rows(flags.batch))),
        optimizer_(models::make_optimizer({.kind = models::OptimizerKind::adam,
                                           .lr = 1e-3,
                                           .momentum = 0,
                                           .adam_beta2 = 0.999,
                                           .weight_decay = 0},
                                          model_->named_parameters())) {}

  /// Runs one step. Returns its time in milliseconds.
  double step(Profiler* profiler = nullptr) {
    const auto mark = [&](std::string_view name, Profiler::Pass pass = Profiler::Pass::other) {
      if (profiler != nullptr) {
        profiler->mark(name, pass);
      }
    };
    if (profiler != nullptr) {
      profiler->skip();
    }
    const ProductsGuard products(products_);
    const Clock::time_point begin = Clock::now();
    optimizer_->zero_grad();
    mark("zero_grad");
    model_->loss(batch_).backward();
    mark("accumulate", Profiler::Pass::backward);
    optim::clip_grad_norm_(model_->parameters(), 1);
    mark("clip_grad_norm_");
    optimizer_->step();
    mark("Adam");
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  }

  const models::Seq2Seq& model() const { return *model_; }
  double target_tokens() const { return static_cast<double>(batch_.target_tokens); }

 private:
  Products products_;
  std::unique_ptr<models::Seq2Seq> model_;
  data::Batch batch_;
  std::unique_ptr<optim::Optimizer> optimizer_;
};

struct Repeats {
  std::int64_t steps = steps_option(&steps, "steps to time, after a few for warm-up");
};

struct StepFlags : Repeats, ProgramFlags {
  bool deterministic =
      data::option(&deterministic, "deterministic", false,
                   "steps of weft train --deterministic, beside BLAS's products", {.toggle = true});
  std::string trace =
      data::option(&trace, "trace", "",
                   "write the timed steps, op by op, for chrome://tracing or ui.perfetto.dev",
                   {.placeholder = "FILE"});
};

struct Result {
  double step_ms;
  double floor_ms;
  double peak_rss_mib;
  double tokens_per_second;
};

GemmFloor floor_of(Training& training) {
  const GemmLog log;
  training.step();
  return GemmFloor(log.shapes());
}

/// One row per name, forward and backward side by side, in milliseconds per step.
void print_rows(const std::vector<Profiler::Row>& rows, double steps, Output& output) {
  struct Line {
    double calls = 0;
    double milliseconds[3] = {};
  };
  std::vector<std::pair<std::string, Line>> lines;
  double total = 0;
  for (const Profiler::Row& row : rows) {
    auto line = std::ranges::find(lines, row.name, &std::pair<std::string, Line>::first);
    if (line == lines.end()) {
      line = lines.insert(lines.end(), {row.name, {}});
    }
    const double milliseconds = row.seconds * 1000 / steps;
    line->second.milliseconds[static_cast<int>(row.pass)] += milliseconds;
    line->second.calls = std::max(line->second.calls, static_cast<double>(row.calls) / steps);
    total += milliseconds;
  }
  const auto sum = [](const auto& line) {
    const auto& [forward, backward, other] = line.second.milliseconds;
    return forward + backward + other;
  };
  std::ranges::stable_sort(lines, std::ranges::greater(), sum);
  output.line(fmt::format("{:<24} {:>7} {:>10} {:>10} {:>10} {:>7}", "ms per step", "calls",
                          "forward", "backward", "sum", "share"));
  for (const auto& line : lines) {
    output.line(fmt::format("{:<24} {:>7.0f} {:>10.2f} {:>10.2f} {:>10.2f} {:>5.1f} %", line.first,
                            line.second.calls, line.second.milliseconds[0],
                            line.second.milliseconds[1], sum(line), 100 * sum(line) / total));
  }
}

void print(std::int64_t steps, const Result& result, const GemmFloor& floor, Output& output) {
  const double gflops = floor.flop() / result.floor_ms / 1e6;
  output.line("");
  output.line(fmt::format("step               {:.2f} ms, median of {}", result.step_ms, steps));
  output.line(fmt::format(
      "matrix products    {:.2f} ms by OpenBLAS: {} of them, {:.2f} GFLOP, {:.0f} GFLOP/s",
      result.floor_ms, floor.size(), floor.flop() / 1e9, gflops));
  output.line(fmt::format("ratio              {:.2f}", result.step_ms / result.floor_ms));
  output.line(fmt::format("target tokens      {:.0f} per second", result.tokens_per_second));
  output.line(fmt::format("peak memory        {:.0f} MiB", result.peak_rss_mib));
}

}  // namespace

int bench_train(const Arguments& arguments) {
  BenchFlags flags;
  StepFlags own;
  Options options(
      "bench train",
      "Measures training steps of a new model on a batch of random sentences, each step "
      "beside its matrix products alone.");
  declare(options, flags, arguments);
  options.add(own);
  options.parse(arguments);
  check_model(options, flags.model);
  use_threads(own.threads);

  Training training(flags, own.deterministic ? Products::own : Products::fastest);
  for (int i = 0; i < kWarmUpSteps; ++i) {
    training.step();
  }
  const double peak = peak_rss_mib();  // before the floor allocates its operands
  GemmFloor floor = floor_of(training);
  floor.run();
  Profiler profiler;
  std::vector<double> steps;
  std::vector<double> floors;
  for (std::int64_t i = 0; i < own.steps; ++i) {  // alternating: the machine's load is the same
    steps.push_back(training.step(&profiler));
    floors.push_back(floor.run());
  }
  const double step = median(steps);
  const Result result{step, median(floors), peak, training.target_tokens() / step * 1000};

  if (!own.trace.empty()) {
    write_trace(profiler.spans(), own.trace);
  }
  Output output;
  if (!own.quiet) {
    output.line(describe(flags, training.model()));
    output.line("");
    print_rows(profiler.rows(), static_cast<double>(own.steps), output);
    print(own.steps, result, floor, output);
  }
  if (own.json) {
    output.json({{"target_tokens_per_second", result.tokens_per_second},
                 {"step_ms", result.step_ms},
                 {"gemm_floor_ms", result.floor_ms},
                 {"ratio", result.step_ms / result.floor_ms},
                 {"peak_rss_mib", result.peak_rss_mib}});
  }
  output.close();
  return 0;
}

}  // namespace weft::tools
