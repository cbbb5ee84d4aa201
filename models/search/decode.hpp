#pragma once

#include <cstdint>
#include <vector>

#include "autograd/products.hpp"
#include "data/line_rules.hpp"
#include "data/settings/option.hpp"
#include "models/seq2seq.hpp"

namespace weft::models {

/// The length normalization lp(n), by which log p of a translation of n tokens is divided. a is the
/// length penalty (equations in penalties.cpp).
enum class LengthNorm {
  average,  ///< n^a
  gnmt,     ///< ((5 + n) / 6)^a
};
/// The names of these ways.
constexpr auto names_of(LengthNorm) {
  return name_table<LengthNorm>("length-norm",
                                {{LengthNorm::average, "average"}, {LengthNorm::gnmt, "gnmt"}});
}

/// Options of the search for translations.
struct DecodeOptions {
  std::int64_t beam = data::option(&beam, "beam", 1, {1, 1000}, "beam size (1: greedy search)",
                                   {.group = "Search"});
  double length_penalty =
      data::option(&length_penalty, "length-penalty", 1, {-10, 10},
                   "exponent a of the length normalization in the beam score log p / lp + cp");
  LengthNorm length_norm = data::option(&length_norm, "length-norm", LengthNorm::average,
                                        "lp in the beam score: length^a, or ((5 + length) / 6)^a");
  /// beta; requires a model with attention.
  double coverage_penalty = data::option(&coverage_penalty, "coverage-penalty", 0, {0, 1000},
                                         "weight of the coverage penalty cp in the beam score");
  std::int64_t nbest = 1;  ///< number of translations per sentence, at most `beam`

  std::int64_t no_repeat_ngram = data::option(&no_repeat_ngram, "no-repeat-ngram", 0, {0, 1000},
                                              "block repeated n-grams of this size (0: off)");
  double repetition_penalty =
      data::option(&repetition_penalty, "repetition-penalty", 1, {0.01, 100},
                   "above 1: makes tokens that already occurred less probable");
  /// Does not count `<eos>`.
  std::int64_t min_length = data::option(&min_length, "min-length", 0, {0, 100'000},
                                         "minimum length of a translation in tokens");
  /// Does not count `<eos>`.
  std::int64_t max_length = data::option(
      &max_length, "max-length", 0, {0, 100'000},
      "maximum length of a translation in tokens (0: twice the source length plus 10)");

  double temperature = data::option(&temperature, "sample", 0, {0, 1000},
                                    "sample at this temperature instead of searching (0: off)",
                                    {.key = "temperature"});
  std::int64_t top_k =
      data::option(&top_k, "top-k", 0, {0, 1'000'000},
                   "with --sample: restrict to the k most probable tokens (0: all)");
  double top_p = data::option(
      &top_p, "top-p", 1, {0, 1},
      "with --sample: restrict to the most probable tokens with this total probability");
  std::uint64_t seed = data::option(&seed, "seed", 1, data::kSeeds, "seed of --sample");
  bool deterministic = data::option(
      &deterministic, "deterministic", false,
      "the same scores on CPUs with AVX2 or AVX-512 and on AArch64: no matrix product is BLAS's",
      {.toggle = true});

  bool attention = false;  ///< whether hypotheses include their attention
  bool scores = false;     ///< whether they include scores even if the search does not need them
};

/// Throws Error naming the option that is out of range, or two options that are incompatible.
void validate(const DecodeOptions& options);

/// Options per sentence of a batch. Each is empty or has one entry per sentence.
struct SentenceOptions {
  /// Target ids that the translation must begin with.
  std::vector<std::vector<std::int64_t>> prefixes;
  /// Determine a sentence's random draws, together with the seed: its index in a file.
  std::vector<std::uint64_t> keys;
};

/// A translation found by a search.
struct Hypothesis {
  std::vector<std::int64_t> tokens;  ///< target ids, without `<eos>`
  /// log p / lp(n) + cp (penalties.cpp), where n counts the tokens and `<eos>`; set by beam search,
  /// or if requested.
  double score = 0;
  /// For each token, the weights over the source tokens without padding; set if requested and the
  /// model has attention.
  std::vector<std::vector<float>> attention;
};

/// The maximum length of a translation, given the length of its source.
std::int64_t length_limit(const DecodeOptions& options, std::int64_t source_length);

/// Who computes the matrix products of a search: as the caller does, unless it is deterministic.
Products products_of(const DecodeOptions& options);

/// Returns the translations of each sentence, best first: `options.nbest` of them, or fewer if the
/// search does not find that many. Uses beam search, greedy search or sampling. After the prefixes,
/// only tokens that `rules` allow are generated. Records nothing on the tape; the model should be
/// in eval mode. Throws Error as `validate` and `BatchSearch::step` do.
std::vector<std::vector<Hypothesis>> decode(const Seq2Seq& model, const data::SourceBatch& batch,
                                            const DecodeOptions& options = {},
                                            const SentenceOptions& sentences = {},
                                            const data::LineRules& rules = {});

/// Greedy search: every sentence takes its most probable token until `<eos>` or its length limit.
/// Finished sentences leave the batch. Returns the target ids of each sentence, without `<eos>`.
/// Records nothing on the tape; the model should be in eval mode.
std::vector<std::vector<std::int64_t>> greedy(const Seq2Seq& model, const data::SourceBatch& batch,
                                              const DecodeOptions& options = {});

}  // namespace weft::models
