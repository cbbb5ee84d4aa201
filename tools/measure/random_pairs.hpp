#pragma once

#include <cstdint>
#include <vector>

#include "data/corpus.hpp"
#include "models/config.hpp"

namespace weft::tools {

/// Pairs of random words from the model's vocabularies, for measurements. Each has `tokens` target
/// tokens, `<eos>` included, and the same number of source tokens, so that a batch has no padding.
/// Draws from the default generator.
std::vector<data::SentencePair> random_pairs(const models::ModelConfig& config,
                                             std::int64_t sentences, std::int64_t tokens);

/// 0, 1, ..., count - 1: the rows of a batch of all pairs.
std::vector<std::int64_t> all_rows(std::int64_t count);

}  // namespace weft::tools
