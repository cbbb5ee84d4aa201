#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/config.hpp"
#include "models/registry.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {

/// The flags of a new model: those of its family, which the preset determines.
struct NewModelFlags {
  std::string preset = data::option(
      &preset, "preset", models::preset_names().front(), preset_choices(),
      "architecture, named after its paper; tutorial: that of the common PyTorch tutorial");
  std::unique_ptr<models::ModelConfig> config;  ///< what the family's flags are bound to

  /// All presets.
  static std::vector<std::string> preset_choices();
};

/// Declares --preset and the flags of its family, whose defaults are those of the preset. A flag of
/// another family is an error that says which one it belongs to. A preset that is already known,
/// from the arguments for example, is expected in `flags.preset`; an unknown name is left for
/// `parse` to report.
void declare_model(Options& options, NewModelFlags& flags);

/// Returns the preset that the arguments name, on the command line or in a configuration file, or
/// `otherwise` if they name none.
std::string preset_in(const std::vector<std::string>& arguments, const std::string& otherwise);

/// Throws UsageError if the model's flags are incompatible.
void check_model(const Options& options, const NewModelFlags& flags);

}  // namespace weft::tools
