#pragma once

#include <cstdint>
#include <vector>

#include "data/corpus.hpp"
#include "models/config.hpp"

namespace weft::tools {

/// Pairs of random words of the model's vocabularies, for measurements: `tokens` target tokens with
/// `<eos>`, and as many source tokens, so that in a batch nothing is padding. Draws from the
/// default generator.
std::vector<data::SentencePair> random_pairs(const models::ModelConfig& config,
                                             std::int64_t sentences, std::int64_t tokens);

/// 0, 1, ... count - 1: the rows of a batch that holds all its pairs.
std::vector<std::int64_t> all_rows(std::int64_t count);

}  // namespace weft::tools
