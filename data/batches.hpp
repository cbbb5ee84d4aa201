#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "autograd/tensor.hpp"
#include "data/corpus.hpp"
#include "data/settings/option.hpp"

namespace weft::data {

/// B sources and their targets, time-major and padded to the longest of each side: S source
/// positions, T target tokens including `<bos>` or `<eos>`. Sources are either tokens (int64,
/// padded with kPad) or frames of F numbers (speech, image patches; float, padded with 0); only the
/// first layer of an encoder depends on which. All other tensors are int64.
struct Batch {
  Tensor source;          ///< [S, B] or [S, B, F]
  Tensor source_lengths;  ///< [B], each 1 to S
  Tensor target_in;       ///< [T, B], `<bos>` y: input of the decoder
  Tensor target_out;      ///< [T, B], y `<eos>`: what it must predict

  std::int64_t target_tokens = 0;  ///< tokens in target_out, `<eos>` included, padding not
};

/// Sources without targets, as in Batch.
struct SourceBatch {
  Tensor source;          ///< [S, B] or [S, B, F]
  Tensor source_lengths;  ///< [B]
};

/// The maximum size of a batch: in sentences or, if `target_tokens` is not 0, in target tokens
/// including `<eos>` and padding (B * T).
struct BatchSize {
  std::int64_t sentences = option(&sentences, "batch", 64, {1, kMany}, "sentences per batch");
  std::int64_t target_tokens =
      option(&target_tokens, "batch-tokens", 0, {0, kMany},
             "target tokens per batch, padding included; replaces --batch");

  /// The limit in effect. A single pair that exceeds it forms a batch of its own.
  std::int64_t limit() const { return target_tokens > 0 ? target_tokens : sentences; }
};

/// The rows of a corpus that form each batch, in training order. Every row occurs once.
using BatchPlan = std::vector<std::vector<std::int64_t>>;

/// Plans one epoch with batches of pairs of similar length: shuffles the corpus, divides it into
/// pools of about 100 batches, sorts each pool by (target length, source length), divides it into
/// batches, and shuffles their order. The result depends on the arguments alone, so that a run can
/// resume at any batch. Within a batch the longest source comes first. Throws Error unless
/// size.limit() >= 1.
BatchPlan plan_training(std::span<const SentencePair> corpus, BatchSize size, std::uint64_t seed,
                        std::uint64_t epoch);

/// Plans an evaluation: the whole corpus sorted by length, the same at every call.
BatchPlan plan_evaluation(std::span<const SentencePair> corpus, BatchSize size);

/// Makes a batch of the pairs `rows` of the corpus. Throws Error if there are none or a source is
/// empty.
Batch make_batch(std::span<const SentencePair> corpus, const std::vector<std::int64_t>& rows);

/// Makes a batch of the sentences `rows` of `sources` (ids). Throws Error as make_batch does.
SourceBatch make_source_batch(std::span<const std::vector<std::int64_t>> sources,
                              const std::vector<std::int64_t>& rows);

/// Makes a batch of the sources `rows` of `frames`, [S_i, F] each. Throws Error if there are none
/// or shapes differ in F.
SourceBatch make_source_batch(std::span<const Tensor> frames,
                              const std::vector<std::int64_t>& rows);

/// Makes a batch of these sources and their target ids. Throws Error unless there is one target for
/// each source.
Batch make_batch(SourceBatch sources, std::span<const std::vector<std::int64_t>> targets);

}  // namespace weft::data
