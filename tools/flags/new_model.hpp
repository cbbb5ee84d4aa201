#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/config.hpp"
#include "models/registry.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {

/// The flags of a model to be made: those of its family, which the preset decides.
struct NewModelFlags {
  std::string preset = data::option(
      &preset, "preset", models::preset_names().front(), preset_choices(),
      "architecture, named after its paper; tutorial: that of the common PyTorch tutorial");
  std::unique_ptr<models::ModelConfig> config;  ///< what the family's flags are bound to

  /// All presets.
  static std::vector<std::string> preset_choices();
};

/// Declares --preset and the flags of its family, whose defaults are the preset's. Another family's
/// flags are errors that say whose they are. What was known of the preset before, from the
/// arguments for example, stands in `flags.preset`; one that there is not is left to `parse`.
void declare_model(Options& options, NewModelFlags& flags);

/// The preset that the arguments name, on the command line or in a configuration file; else
/// `otherwise`.
std::string preset_in(const std::vector<std::string>& arguments, const std::string& otherwise);

/// Throws UsageError if the model's flags do not go together.
void check_model(const Options& options, const NewModelFlags& flags);

}  // namespace weft::tools
