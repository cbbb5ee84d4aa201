#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/files/json.hpp"

namespace weft::tools {

/// Flags of `weft train` and their values.
using FlagValues = std::vector<std::pair<std::string, models::Json>>;

/// What a preset says of the model's flags. Throws Error for an unknown name.
FlagValues preset_defaults(const std::string& preset);

/// The flags for which a tokenizer other than `word` has better values than the general ones.
FlagValues tokenizer_defaults(const std::string& tokenizer);

/// The flags for which a toy task has better values than the general ones.
FlagValues task_defaults(const std::string& task);

/// The flags that mean something else to an optimizer than to Adam.
FlagValues optimizer_defaults(const std::string& optimizer);

}  // namespace weft::tools
