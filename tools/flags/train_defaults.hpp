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

/// The flags for which a tokenizer other than `word` has better values than the general ones.
FlagValues tokenizer_defaults(data::TokenizerKind kind);

/// The flags for which a toy task has better values than the general ones.
FlagValues task_defaults(const std::string& task);

/// The flags that mean something else to an optimizer than to Adam.
FlagValues optimizer_defaults(models::OptimizerKind optimizer);

}  // namespace weft::tools
