#pragma once

#include <cstdint>
#include <vector>

#include "models/seq2seq.hpp"

namespace weft::models {

/// How translations are searched for.
struct DecodeOptions {
  std::int64_t beam = 1;      ///< hypotheses kept of a sentence, at least 1; 1: greedy search
  double length_penalty = 1;  ///< the exponent a of the score log p / n^a, for a beam; finite
  /// Most tokens of a translation, `<eos>` not counted; 0: twice the source's length plus 10.
  std::int64_t max_length = 0;
};

/// A translation that a search found.
struct Hypothesis {
  std::vector<std::int64_t> tokens;  ///< target ids, without `<eos>`
  double score = 0;                  ///< log p / n^a, n counts the tokens and `<eos>`
};

/// The most tokens that the translation of a source of this length may have.
std::int64_t length_limit(const DecodeOptions& options, std::int64_t source_length);

/// Greedy search: every sentence takes its most probable token until `<eos>` or its limit.
/// Sentences that have ended leave the batch. Returns the target ids of each sentence, without
/// `<eos>`. Records nothing, and the model should be in eval mode.
std::vector<std::vector<std::int64_t>> greedy(const Seq2Seq& model, const data::SourceBatch& batch,
                                              const DecodeOptions& options = {});

/// The search that the options ask for: greedy, or by a beam (beam.hpp).
std::vector<std::vector<std::int64_t>> decode(const Seq2Seq& model, const data::SourceBatch& batch,
                                              const DecodeOptions& options = {});

}  // namespace weft::models
