#pragma once

#include "models/search/decode.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {

/// What --length-norm says; the other flags are bound to the options themselves.
struct SearchFlags {
  models::DecodeOptions options;
  std::string length_norm = "average";
  std::int64_t seed = 1;
};

/// Declares the flags that say how to search for translations.
void declare_search(Options& options, SearchFlags& flags);

/// The search that the flags ask for. Throws UsageError for flags that do not go together.
models::DecodeOptions search_options(const Options& options, const SearchFlags& flags);

}  // namespace weft::tools
