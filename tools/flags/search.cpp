#include "tools/flags/search.hpp"

#include <initializer_list>

namespace weft::tools {
namespace {

/// Rejects flags of beam search, or of sampling, where they would have no effect.
void check_given(const Options& options, std::initializer_list<const char*> flags, bool on,
                 const char* owner) {
  for (const char* flag : flags) {
    if (options.given(flag) && !on) {
      misuse("{}: got --{} without {}", options.command(), flag, owner);
    }
  }
}

}  // namespace

void check_search(const Options& options, const models::DecodeOptions& search) {
  check_given(options, {"top-k", "top-p", "seed"}, search.temperature > 0, "--sample");
  check_given(options, {"coverage-penalty"}, search.beam > 1, "--beam");
  try {
    models::validate(search);
  } catch (const Error& error) {
    misuse("{}: {}", options.command(), error.what());
  }
}

}  // namespace weft::tools
