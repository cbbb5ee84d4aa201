#pragma once

#include <string>
#include <utility>
#include <vector>

#include "data/text/tokenizer.hpp"
#include "models/files/json.hpp"
#include "models/training/optimizers.hpp"

namespace weft::tools {

/// Flags of `weft train` and their values.
using FlagValues = std::vector<std::pair<std::string, models::Json>>;

/// Defaults of a tokenizer other than `word` where they are better than the general ones.
FlagValues tokenizer_defaults(data::TokenizerKind kind);

/// Defaults of a toy task where they are better than the general ones.
FlagValues task_defaults(const std::string& task);

/// Defaults of a preset where they are better than the general ones, or those of a toy task if
/// `task` is not empty.
FlagValues preset_defaults(const std::string& preset, const std::string& task);

/// Defaults of the flags that mean something different for an optimizer than for Adam.
FlagValues optimizer_defaults(models::OptimizerKind optimizer);

}  // namespace weft::tools
