#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/search/decode.hpp"

namespace weft::models {

/// log p / lp(n) of a translation of n tokens, `<eos>` among them.
double length_score(const DecodeOptions& options, double log_p, std::int64_t n);

/// The best score that a hypothesis of `length` tokens can still reach, if it may have `limit`.
double score_bound(const DecodeOptions& options, double log_p, std::int64_t length,
                   std::int64_t limit);

/// The coverage penalty cp of a translation, at most 0, given its attention: for each token,
/// `<eos>` among them, the weights on the source.
double coverage(const DecodeOptions& options, const std::vector<std::vector<float>>& attention);

}  // namespace weft::models
