#pragma once

#include <cstdint>
#include <vector>

#include "models/seq2seq.hpp"

namespace weft::models {

/// lp(n), what log p of a translation of n tokens is divided by, a the length penalty (equations in
/// scores.cpp).
enum class LengthNorm {
  average,  ///< n^a
  gnmt,     ///< ((5 + n) / 6)^a
};

/// How translations are searched for.
struct DecodeOptions {
  std::int64_t beam = 1;      ///< hypotheses kept of a sentence, at least 1; 1: greedy search
  double length_penalty = 1;  ///< a, in [-10, 10]; for a beam
  LengthNorm length_norm = LengthNorm::average;  ///< for a beam
  double coverage_penalty = 0;  ///< beta, at least 0; for a beam, of a model with attention
  std::int64_t nbest = 1;       ///< translations of a sentence, at most `beam`

  std::int64_t no_repeat_ngram = 0;  ///< no n-gram of so many tokens comes twice; 0: any may
  double repetition_penalty = 1;     ///< above 1: tokens that were there are less probable
  std::int64_t min_length = 0;       ///< fewest tokens of a translation, `<eos>` not counted
  /// Most tokens of a translation, `<eos>` not counted; 0: twice the source's length plus 10.
  std::int64_t max_length = 0;

  double temperature = 0;  ///< above 0: tokens are drawn, not searched for; 1: as the model says
  std::int64_t top_k = 0;  ///< draws from so many most probable tokens; 0: from all
  double top_p = 1;        ///< draws from the most probable tokens that have this share, in (0, 1]
  std::uint64_t seed = 1;  ///< of the draws

  bool attention = false;  ///< whether hypotheses tell their attention
  bool scores = false;     ///< whether they tell scores where the search has no need of them
};

/// Throws Error naming the option that is out of range, or two that do not go together.
void validate(const DecodeOptions& options);

/// What differs from sentence to sentence of a batch; each empty, or one for each sentence.
struct SentenceOptions {
  /// Target ids that a translation begins with.
  std::vector<std::vector<std::int64_t>> prefixes;
  /// What the draws of a sentence depend on, beside the seed: its number in a file.
  std::vector<std::uint64_t> keys;
};

/// A translation that a search found.
struct Hypothesis {
  std::vector<std::int64_t> tokens;  ///< target ids, without `<eos>`
  /// log p / lp(n) + coverage, n counts the tokens and `<eos>`; for a beam, or if asked for.
  double score = 0;
  /// For each token the weights on the true source tokens, if asked for and the model attends.
  std::vector<std::vector<float>> attention;
};

/// The most tokens that the translation of a source of this length may have.
std::int64_t length_limit(const DecodeOptions& options, std::int64_t source_length);

/// The translations of each sentence, best first, `options.nbest` of them where there are as many:
/// by a beam, greedily, or drawn. Records nothing, and the model should be in eval mode.
/// Throws Error as `validate` does.
std::vector<std::vector<Hypothesis>> decode(const Seq2Seq& model, const data::SourceBatch& batch,
                                            const DecodeOptions& options = {},
                                            const SentenceOptions& sentences = {});

/// Greedy search: every sentence takes its most probable token until `<eos>` or its limit.
/// Sentences that have ended leave the batch. Returns the target ids of each sentence, without
/// `<eos>`. Records nothing, and the model should be in eval mode.
std::vector<std::vector<std::int64_t>> greedy(const Seq2Seq& model, const data::SourceBatch& batch,
                                              const DecodeOptions& options = {});

/// By a beam (beam.hpp), even if it has one place only.
std::vector<std::vector<Hypothesis>> beam_search(const Seq2Seq& model,
                                                 const data::SourceBatch& batch,
                                                 const DecodeOptions& options,
                                                 const SentenceOptions& sentences = {});

}  // namespace weft::models
