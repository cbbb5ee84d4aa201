#pragma once

#include "models/search/decode.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {

/// Throws UsageError if the flags bound to `search` are incompatible.
void check_search(const Options& options, const models::DecodeOptions& search);

}  // namespace weft::tools
