#include "models/checks/leakcheck.hpp"

#include "models/registry.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/options.hpp"
#include "tools/measure/machine.hpp"
#include "tools/terminal/output.hpp"

// `weft leakcheck`: checks every variant of a preset for leaks.
namespace weft::tools {
namespace {

std::vector<std::string> all_presets() {
  const auto names = models::preset_names();
  return {names.begin(), names.end()};
}

struct PresetFlag {
  std::string preset =
      data::option(&preset, "preset", "", all_presets(), "model to check (default: all)");
};

struct LeakcheckFlags : PresetFlag, ProgramFlags {};

std::vector<std::string> presets_to_check(const std::string& preset) {
  return preset.empty() ? all_presets() : std::vector{preset};
}

/// Prints the checks of a preset's variants, one per line, and every leak. Returns their part of
/// the JSON object.
models::Json check(const std::string& preset, Output& output) {
  bool all_ok = true;
  models::Json checks = models::Json::array();
  for (const auto& [variant, report] : models::leakcheck_variants(preset)) {
    std::vector<std::string> passed;
    for (const models::LeakReport::Row& row : report.rows) {
      checks.push_back(
          {{"variant", variant}, {"check", row.check}, {"detail", row.detail}, {"ok", row.ok}});
      if (row.ok) {
        passed.push_back(row.check);
      } else {
        output.line(
            fmt::format("{:<13}  {:<30}  LEAK  {}: {}", preset, variant, row.check, row.detail));
      }
    }
    if (report.ok()) {
      output.line(
          fmt::format("{:<13}  {:<30}  ok    {}", preset, variant, fmt::join(passed, ", ")));
    }
    all_ok = all_ok && report.ok();
  }
  output.flush();
  return {{"preset", preset}, {"ok", all_ok}, {"checks", checks}};
}

}  // namespace

int leakcheck(const Arguments& arguments) {
  LeakcheckFlags flags;
  Options options("leakcheck", "Checks that no information flows from future tokens or padding.");
  options.add(flags);
  options.parse(arguments);
  use_threads(flags.threads);

  Output output;
  bool ok = true;
  models::Json reports = models::Json::array();
  for (const std::string& name : presets_to_check(flags.preset)) {
    reports.push_back(check(name, output));
    ok = ok && reports.back().at("ok").get<bool>();
  }
  output.line(ok ? "no leak" : "leaks found");
  if (flags.json) {
    output.json({{"ok", ok}, {"presets", reports}});
  }
  output.close();
  return ok ? 0 : 1;
}

}  // namespace weft::tools
