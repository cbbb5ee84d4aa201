#pragma once

#include "models/search/decode.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {

/// Throws UsageError if flags of a search, which are bound to `search`, do not go together.
void check_search(const Options& options, const models::DecodeOptions& search);

}  // namespace weft::tools
