#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>
#include <thread>

#include "autograd/engine.hpp"
#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/ops.hpp"
#include "autograd/suggest.hpp"
#include "autograd/threads.hpp"
#include "tools/commands/bench.hpp"
#include "tools/commands/bench_flags.hpp"
#include "tools/measure/child_process.hpp"
#include "tools/measure/machine.hpp"
#include "tools/measure/op_cases.hpp"
#include "tools/terminal/output.hpp"

// `weft bench ops`: each op by itself, forward and backward, against memory and against PyTorch.
namespace weft::tools {
namespace {

using Clock = std::chrono::steady_clock;

struct OpsFlags {
  std::int64_t rounds =
      data::option(&rounds, "rounds", 9, {1, 1000},
                   "measurements of each cell, whose median counts", {.group = "Measurement"});
  std::string op = data::option(&op, "op", "", "only this op");
  std::int64_t elements = data::option(&elements, "elements", 0, {0, 100'000'000},
                                       "only this size, rounded down to a multiple of 1,024 (0: "
                                       "1,024, 102,400 and 4,096,000)");
  bool peer =
      data::option(&peer, "peer", false,
                   "also run PyTorch in turn, by the python3 of $PYTHON or PATH", {.toggle = true});
};

/// Mean microseconds of a forward and of a backward pass.
struct Times {
  double forward = 0;
  double backward = 0;

  double sum() const { return forward + backward; }
};

double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

Times run(const OpCall& call, const std::vector<Tensor>& cotangents, std::int64_t repetitions) {
  Times total;
  for (std::int64_t i = 0; i < repetitions; ++i) {
    const Clock::time_point begin = Clock::now();
    const std::vector<Tensor> outputs = call.function(call.inputs);
    const Clock::time_point middle = Clock::now();
    backward(outputs, cotangents);
    total.backward += microseconds(Clock::now() - middle);
    total.forward += microseconds(middle - begin);
    for (Tensor input : call.inputs) {
      input.zero_grad();
    }
  }
  const auto n = static_cast<double>(repetitions);
  return {total.forward / n, total.backward / n};
}

/// Bytes a second that the machine reads and writes when it copies an array of this size.
double copy_rate(std::int64_t elements, std::int64_t repetitions) {
  static std::map<std::int64_t, std::pair<Tensor, Tensor>> arrays;
  auto& [from, to] =
      arrays.try_emplace(elements, zeros({elements}), zeros({elements})).first->second;
  const float* const source = from.data<float>().data();
  float* const target = to.mutable_data<float>().data();
  const Clock::time_point begin = Clock::now();
  for (std::int64_t i = 0; i < repetitions; ++i) {
    parallel_for(elements, elements, [=](std::int64_t first, std::int64_t last) {
      std::memcpy(target + first, source + first,
                  static_cast<std::size_t>(last - first) * sizeof(float));
    });
  }
  const double seconds = microseconds(Clock::now() - begin) / 1e6;
  return static_cast<double>(2 * elements * repetitions) * sizeof(float) / seconds;
}

/// The median of each pass.
Times median_times(const std::vector<Times>& rounds) {
  std::vector<double> forward;
  std::vector<double> backward;
  for (const Times& times : rounds) {
    forward.push_back(times.forward);
    backward.push_back(times.backward);
  }
  return {median(forward), median(backward)};
}

/// PyTorch in a process of its own (tools/bench/pytorch_ops.py).
class Peer {
 public:
  Peer() : process_({python(), "-B", kScript}) {}

  /// Nothing if it does not have the op.
  std::optional<Times> run(std::string_view op, std::int64_t elements, std::int64_t repetitions) {
    std::istringstream answer(
        process_.ask(fmt::format("{} {} {} {}", op, elements, weft::num_threads(), repetitions)));
    Times times;
    answer >> times.forward >> times.backward;
    return answer ? std::optional(times) : std::nullopt;
  }

 private:
  static constexpr const char* kScript = WEFT_SOURCE_DIR "/tools/bench/pytorch_ops.py";

  static std::string python() {
    const char* const chosen = std::getenv("PYTHON");
    return chosen != nullptr ? chosen : "python3";
  }

  ChildProcess process_;
};

struct Cell {
  std::string_view op;
  bool products;
  std::int64_t elements;
  Times weft;
  std::optional<Times> peer;
  std::optional<double> bandwidth_share;

  std::optional<double> ratio() const {
    return peer ? std::optional(weft.sum() / peer->sum()) : std::nullopt;
  }
};

Cell measure(const OpCase& op, std::int64_t elements, std::int64_t rounds, Peer* peer) {
  constexpr double kMicroseconds = 5000;  // that a measurement takes, roughly
  const OpCall call = op.make(elements);
  std::vector<Tensor> cotangents;
  for (const Tensor& output : call.function(call.inputs)) {
    cotangents.push_back(randn(output.shape(), default_generator()));
  }
  const double once = run(call, cotangents, 3).sum();
  const auto repetitions = std::max<std::int64_t>(1, std::llround(kMicroseconds / once));
  std::vector<Times> own;
  std::vector<Times> others;
  std::vector<double> rates;
  for (std::int64_t i = 0; i < rounds; ++i) {
    own.push_back(run(call, cotangents, repetitions));
    rates.push_back(copy_rate(elements, repetitions));
    if (peer != nullptr) {
      if (const auto times = peer->run(op.name, elements, repetitions)) {
        others.push_back(*times);
      }
      // Its threads stay awake for a while; they would be in the way.
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  Cell cell{op.name, op.products, elements, median_times(own), {}, {}};
  if (!others.empty()) {
    cell.peer = median_times(others);
  }
  if (op.traffic > 0) {
    const double bytes = op.traffic * static_cast<double>(elements) * sizeof(float);
    cell.bandwidth_share = bytes / (cell.weft.sum() / 1e6) / median(rates);
  }
  return cell;
}

std::string or_dash(std::optional<double> value, std::string_view format) {
  return value ? fmt::format(fmt::runtime(format), *value) : "-";
}

void print_header(Output& output) {
  output.line(fmt::format("{:<14} {:>9} {:>10} {:>10} {:>8} {:>10} {:>10} {:>6}", "op", "elements",
                          "forward us", "backward", "of copy", "PyTorch", "backward", "ratio"));
}

void print(const Cell& cell, Output& output) {
  const auto peer = [&](double Times::*pass) {
    return cell.peer ? std::optional(*cell.peer.*pass) : std::nullopt;
  };
  output.line(
      fmt::format("{:<14} {:>9} {:>10.2f} {:>10.2f} {:>8} {:>10} {:>10} {:>6}", cell.op,
                  cell.elements, cell.weft.forward, cell.weft.backward,
                  or_dash(cell.bandwidth_share, "{:.2f}"), or_dash(peer(&Times::forward), "{:.2f}"),
                  or_dash(peer(&Times::backward), "{:.2f}"), or_dash(cell.ratio(), "{:.2f}")));
  output.flush();
}

/// The geometric mean and the worst of the ratios for each size, products left out.
void summarize(const std::vector<Cell>& cells, Output& output) {
  std::map<std::int64_t, std::vector<const Cell*>> sizes;
  for (const Cell& cell : cells) {
    if (cell.ratio() && !cell.products) {
      sizes[cell.elements].push_back(&cell);
    }
  }
  for (const auto& [elements, of_size] : sizes) {
    double logarithms = 0;
    for (const Cell* const cell : of_size) {
      logarithms += std::log(*cell->ratio());
    }
    const Cell& worst =
        **std::ranges::max_element(of_size, {}, [](const Cell* cell) { return *cell->ratio(); });
    output.line(fmt::format("{:>9} elements: {:.2f} of PyTorch's time, worst {} with {:.2f}",
                            elements, std::exp(logarithms / static_cast<double>(of_size.size())),
                            worst.op, *worst.ratio()));
  }
}

models::Json to_json(const Cell& cell) {
  models::Json json = {{"op", cell.op},
                       {"elements", cell.elements},
                       {"threads", weft::num_threads()},
                       {"forward_us", cell.weft.forward},
                       {"backward_us", cell.weft.backward},
                       {"peer_forward_us", nullptr},
                       {"peer_backward_us", nullptr},
                       {"bandwidth_share", nullptr}};
  if (cell.peer) {
    json["peer_forward_us"] = cell.peer->forward;
    json["peer_backward_us"] = cell.peer->backward;
  }
  if (cell.bandwidth_share) {
    json["bandwidth_share"] = *cell.bandwidth_share;
  }
  return json;
}

std::vector<const OpCase*> chosen(const std::string& name) {
  std::vector<const OpCase*> cases;
  std::vector<std::string_view> names;
  for (const OpCase& op : op_cases()) {
    names.push_back(op.name);
    if (name.empty() || name == op.name) {
      cases.push_back(&op);
    }
  }
  if (cases.empty()) {
    misuse("bench ops: --op: unknown op {}; expected {}{}", models::printable(name),
           fmt::join(names, ", "), did_you_mean(name, names));
  }
  return cases;
}

}  // namespace

int bench_ops(const Arguments& arguments) {
  ProgramFlags program;
  OpsFlags own;
  Options options(
      "bench ops",
      "Measures each op by itself, forward and backward: microseconds, the share of the "
      "machine's copy bandwidth that its memory traffic amounts to, and PyTorch's time.");
  options.add(own);
  options.add(program);
  options.parse(arguments);
  use_threads(program.threads);

  std::vector<std::int64_t> sizes = {1024, 102'400, 4'096'000};
  if (own.elements > 0) {
    sizes = {std::max<std::int64_t>(1024, own.elements / 1024 * 1024)};
  }
  std::optional<Peer> peer;
  if (own.peer) {
    peer.emplace();
  }
  Output output;
  if (!program.quiet) {
    output.line(fmt::format("{} threads, {}", weft::num_threads(), name(kernels::best_isa())));
    print_header(output);
  }
  std::vector<Cell> cells;
  for (const OpCase* const op : chosen(own.op)) {
    for (const std::int64_t elements : sizes) {
      cells.push_back(measure(*op, elements, own.rounds, peer ? &*peer : nullptr));
      if (!program.quiet) {
        print(cells.back(), output);
      }
    }
  }
  if (!program.quiet) {
    summarize(cells, output);
  }
  if (program.json) {
    models::Json list = models::Json::array();
    std::ranges::transform(cells, std::back_inserter(list), to_json);
    output.json(list);
  }
  output.close();
  return 0;
}

}  // namespace weft::tools
