#include "tools/flags/search.hpp"

#include <limits>

namespace weft::tools {
namespace {

/// A flag of beam search, or of sampling, does nothing otherwise.
void check_given(const Options& options, std::initializer_list<const char*> flags, bool on,
                 const char* owner) {
  for (const char* flag : flags) {
    if (options.given(flag) && !on) {
      misuse("{}: got --{} without {}", options.command(), flag, owner);
    }
  }
}

}  // namespace

void declare_search(Options& options, SearchFlags& flags) {
  models::DecodeOptions& search = flags.options;
  options.group("Search");
  options.integer("beam", search.beam, 1, 1000, "sentences kept at each step; 1: greedy search");
  options.number("length-penalty", search.length_penalty, -10, 10,
                 "a of a beam's score log p / lp + coverage");
  options.choice("length-norm", flags.length_norm, {"average", "gnmt"},
                 "lp of a beam: length^a, or ((5 + length) / 6)^a");
  options.number("coverage-penalty", search.coverage_penalty, 0, 1000,
                 "of a beam: what a source word without attention costs");
  options.integer("no-repeat-ngram", search.no_repeat_ngram, 0, 1000,
                  "no n-gram of so many tokens comes twice; 0: any may");
  options.number("repetition-penalty", search.repetition_penalty, 0.01, 100,
                 "above 1: tokens that were there are less probable");
  options.integer("min-length", search.min_length, 0, 100'000, "fewest tokens of a translation");
  options.integer("max-length", search.max_length, 0, 100'000,
                  "most tokens of a translation; 0: twice the source's and 10");
  options.number("sample", search.temperature, 0, 1000,
                 "draws tokens at this temperature, instead of a search; 0: does not");
  options.integer("top-k", search.top_k, 0, 1'000'000,
                  "of --sample: draws from the most probable tokens; 0: from all");
  options.number("top-p", search.top_p, 0, 1,
                 "of --sample: draws from the most probable tokens with this share");
  options.integer("seed", flags.seed, 0, std::numeric_limits<std::int64_t>::max(), "of --sample");
}

models::DecodeOptions search_options(const Options& options, const SearchFlags& flags) {
  models::DecodeOptions search = flags.options;
  search.length_norm =
      flags.length_norm == "gnmt" ? models::LengthNorm::gnmt : models::LengthNorm::average;
  search.seed = static_cast<std::uint64_t>(flags.seed);
  check_given(options, {"top-k", "top-p", "seed"}, search.temperature > 0, "--sample");
  check_given(options, {"coverage-penalty"}, search.beam > 1, "--beam");
  try {
    models::validate(search);
  } catch (const Error& error) {
    misuse("{}: {}", options.command(), error.what());
  }
  return search;
}

}  // namespace weft::tools
