#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/search/decode.hpp"

namespace weft::models {

/// log p / lp(n) of a translation of n tokens, including `<eos>`.
double length_score(const DecodeOptions& options, double log_p, std::int64_t n);

/// The best score that a hypothesis of `length` tokens can still reach, given the maximum length
/// `limit`.
double score_bound(const DecodeOptions& options, double log_p, std::int64_t length,
                   std::int64_t limit);

/// The coverage penalty cp of a translation, at most 0. `attention` has the weights over the source
/// for each token, including `<eos>`.
double coverage(const DecodeOptions& options, const std::vector<std::vector<float>>& attention);

}  // namespace weft::models
