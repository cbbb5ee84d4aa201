#pragma once

#include <cstdint>
#include <vector>

#include "data/settings/option.hpp"
#include "models/seq2seq.hpp"

namespace weft::models {

/// lp(n), what log p of a translation of n tokens is divided by, a the length penalty (equations in
/// scores.cpp).
enum class LengthNorm {
  average,  ///< n^a
  gnmt,     ///< ((5 + n) / 6)^a
};
/// The names of these ways.
constexpr auto names_of(LengthNorm) {
  return name_table<LengthNorm>("length-norm",
                                {{LengthNorm::average, "average"}, {LengthNorm::gnmt, "gnmt"}});
}

/// How translations are searched for.
struct DecodeOptions {
  std::int64_t beam =
      data::option(&beam, "beam", 1, {1, 1000}, "sentences kept at each step; 1: greedy search",
                   {.group = "Search"});
  double length_penalty = data::option(&length_penalty, "length-penalty", 1, {-10, 10},
                                       "a of a beam's score log p / lp + coverage");
  LengthNorm length_norm = data::option(&length_norm, "length-norm", LengthNorm::average,
                                        "lp of a beam: length^a, or ((5 + length) / 6)^a");
  /// beta, of a model with attention.
  double coverage_penalty = data::option(&coverage_penalty, "coverage-penalty", 0, {0, 1000},
                                         "of a beam: what a source word without attention costs");
  std::int64_t nbest = 1;  ///< translations of a sentence, at most `beam`

  std::int64_t no_repeat_ngram =
      data::option(&no_repeat_ngram, "no-repeat-ngram", 0, {0, 1000},
                   "no n-gram of so many tokens comes twice; 0: any may");
  double repetition_penalty =
      data::option(&repetition_penalty, "repetition-penalty", 1, {0.01, 100},
                   "above 1: tokens that were there are less probable");
  /// `<eos>` not counted.
  std::int64_t min_length =
      data::option(&min_length, "min-length", 0, {0, 100'000}, "fewest tokens of a translation");
  /// `<eos>` not counted.
  std::int64_t max_length =
      data::option(&max_length, "max-length", 0, {0, 100'000},
                   "most tokens of a translation; 0: twice the source's and 10");

  double temperature = data::option(
      &temperature, "sample", 0, {0, 1000},
      "draws tokens at this temperature, instead of a search; 0: does not", {.key = "temperature"});
  std::int64_t top_k =
      data::option(&top_k, "top-k", 0, {0, 1'000'000},
                   "of --sample: draws from the most probable tokens; 0: from all");
  double top_p = data::option(&top_p, "top-p", 1, {0, 1},
                              "of --sample: draws from the most probable tokens with this share");
  std::uint64_t seed = data::option(&seed, "seed", 1, data::kSeeds, "of --sample");

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
/// Throws Error as `validate` and `Search::step` do.
std::vector<std::vector<Hypothesis>> decode(const Seq2Seq& model, const data::SourceBatch& batch,
                                            const DecodeOptions& options = {},
                                            const SentenceOptions& sentences = {});

/// Greedy search: every sentence takes its most probable token until `<eos>` or its limit.
/// Sentences that have ended leave the batch. Returns the target ids of each sentence, without
/// `<eos>`. Records nothing, and the model should be in eval mode.
std::vector<std::vector<std::int64_t>> greedy(const Seq2Seq& model, const data::SourceBatch& batch,
                                              const DecodeOptions& options = {});

}  // namespace weft::models
