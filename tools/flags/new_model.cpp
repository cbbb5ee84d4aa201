#include "tools/flags/new_model.hpp"

#include <algorithm>

namespace weft::tools {
namespace {

bool is_preset(const std::string& name) {
  return std::ranges::count(NewModelFlags::preset_choices(), name) > 0;
}

/// Registers the flags of `family` that the configuration does not have.
void note_elsewhere(Options& options, const models::Family& family,
                    const models::ModelConfig& config) {
  const std::vector<data::Option> own = config.settings().options();
  const std::unique_ptr<models::ModelConfig> other = family.config(family.presets.front());
  const std::vector<data::Option> theirs = other->settings().options();
  for (const data::Option& option : theirs) {
    if (option.flag && std::ranges::find(own, option.name, &data::Option::name) == own.end()) {
      options.elsewhere(option.name,
                        fmt::format("got preset {}; expected one of the {} family, {}",
                                    config.preset, family.name, fmt::join(family.presets, " or ")));
    }
  }
}

}  // namespace

std::vector<std::string> NewModelFlags::preset_choices() {
  const auto names = models::preset_names();
  return {names.begin(), names.end()};
}

std::string preset_in(const std::vector<std::string>& arguments, const std::string& otherwise) {
  struct Early : CommonFlags {
    NewModelFlags model;
  };
  Early early;
  Options options("", "");
  options.add(early);
  options.peek(arguments);
  return options.given("preset") ? early.model.preset : otherwise;
}

void declare_model(Options& options, NewModelFlags& flags) {
  if (!is_preset(flags.preset)) {
    flags.preset = models::preset_names().front();
  }
  flags.config = models::preset(flags.preset);
  options.group(fmt::format("Model (the defaults are those of {})", flags.preset));
  options.add(flags);
  options.add(flags.config->settings());
  for (const models::Family& family : models::families()) {
    note_elsewhere(options, family, *flags.config);
  }
}

void check_model(const Options& options, const NewModelFlags& flags) {
  try {
    const std::unique_ptr<models::ModelConfig> config = flags.config->clone();
    config->source_vocab = config->target_vocab = data::kSpecials;  // not known yet
    models::validate(*config);
  } catch (const Error& error) {
    misuse("{}: {}", options.command(), error.what());
  }
}

}  // namespace weft::tools
