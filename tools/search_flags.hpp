#pragma once

#include "models/decode.hpp"
#include "tools/options.hpp"

namespace weft::tools {

/// Declares the flags of a search, which write to `search`.
void declare_search(Options& options, models::DecodeOptions& search);

}  // namespace weft::tools
