#include "autograd/gradcheck/gradcheck.hpp"

#include <algorithm>
#include <sstream>

#include "autograd/suggest.hpp"
#include "models/checks/module_checks.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/options.hpp"
#include "tools/measure/machine.hpp"
#include "tools/terminal/output.hpp"

// `weft gradcheck`: every op by check_op, every module by module_checks, as a table.
namespace weft::tools {
namespace {

struct SampleFlags {
  std::int64_t samples =
      data::option(&samples, "samples", 200, {1, 1'000'000}, "random samples of each op");
  std::uint64_t seed = data::option(&seed, "seed", 0, {0, 1'000'000'000}, "of the samples");
};

struct GradcheckFlags : SampleFlags, ProgramFlags {
  std::vector<std::string> names;
};

/// What all checks came to.
struct Totals {
  std::int64_t ops = 0;
  std::int64_t modules = 0;
  std::int64_t samples = 0;
  double error = 0;
  double second_error = 0;
  std::vector<std::string> failed;
};

/// Prints what failed, indented. One bug fails in many samples: the first of them say enough.
void print_failures(const std::vector<std::string>& failures, Output& output) {
  constexpr std::size_t kMost = 2;
  for (std::size_t i = 0; i < std::min(failures.size(), kMost); ++i) {
    std::istringstream lines(failures[i]);
    lines.exceptions(std::ios::badbit);  // else running out of memory ends the text
    for (std::string line; std::getline(lines, line);) {
      output.line("    " + line);
    }
  }
  if (failures.size() > kMost) {
    output.line(fmt::format("    ... and {} more failures", failures.size() - kMost));
  }
}

/// Adds an OpReport or a ModuleReport to the totals and prints its line, and its failures below.
template <class Report>
void add(const Report& report, std::string_view kind, Totals& totals, Output& output) {
  totals.samples += report.samples;
  totals.error = std::max(totals.error, report.error);
  totals.second_error = std::max(totals.second_error, report.second_error);
  const bool ok = report.failures.empty();
  output.line(fmt::format("{:<7} {:<28} {:>7} {:>10.1e} {:>10.1e}  {}", kind, report.name,
                          report.samples, report.error, report.second_error, ok ? "ok" : "FAILED"));
  print_failures(report.failures, output);
  if (!ok) {
    totals.failed.push_back(report.name);
  }
  output.flush();
}

void reject_unknown(const std::vector<std::string>& names) {
  std::vector<std::string> known = models::module_check_names();
  for (const Op* op : registered_ops()) {
    known.push_back(op->name());
  }
  const std::vector<std::string_view> views(known.begin(), known.end());
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) == known.end()) {
      misuse("gradcheck: unknown op or module {}{}", models::printable(name),
             did_you_mean(name, views));
    }
  }
}

Totals check(const GradcheckFlags& flags, Output& output) {
  const auto wanted = [&flags](const std::string& name) {
    return flags.names.empty() || std::ranges::find(flags.names, name) != flags.names.end();
  };
  const int samples = static_cast<int>(flags.samples);
  Totals totals;
  for (const Op* op : registered_ops()) {
    if (wanted(op->name())) {
      ++totals.ops;
      add(check_op(*op, samples, flags.seed), "op", totals, output);
    }
  }
  for (const std::string& name : models::module_check_names()) {
    if (wanted(name)) {
      ++totals.modules;
      add(models::check_module(name, samples, flags.seed), "module", totals, output);
    }
  }
  return totals;
}

}  // namespace

int gradcheck(const Arguments& arguments) {
  GradcheckFlags flags;
  Options options("gradcheck", "Checks gradients, first and second order, against differences.");
  options.positional("NAME", flags.names, "ops and modules to check; all of them if none is named");
  options.add(flags);
  options.parse(arguments);
  reject_unknown(flags.names);
  use_threads(flags.threads);
  Output output;
  output.line(fmt::format("{:<7} {:<28} {:>7} {:>10} {:>10}  {}", "kind", "name", "samples",
                          "1st order", "2nd order", "verdict"));
  const Totals totals = check(flags, output);
  output.line(fmt::format("{} ops and {} modules, {} samples: {}", totals.ops, totals.modules,
                          totals.samples,
                          totals.failed.empty() ? "every gradient is right"
                                                : fmt::format("{} failed", totals.failed.size())));
  if (flags.json) {
    output.json({{"ops", totals.ops},
                 {"modules", totals.modules},
                 {"samples", totals.samples},
                 {"max_rel_error", totals.error},
                 {"max_rel_error_second", totals.second_error},
                 {"failed", totals.failed}});
  }
  output.close();
  return totals.failed.empty() ? 0 : 1;
}

}  // namespace weft::tools
