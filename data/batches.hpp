#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "autograd/tensor.hpp"
#include "data/corpus.hpp"
#include "data/settings/option.hpp"

namespace weft::data {

/// B sources and their targets, time-major and padded to the longest of each side: S source
/// positions, T target tokens with `<bos>` or `<eos>`. A source is tokens, int64 and padded with
/// kPad, or frames of F numbers each (speech, patches of a picture), float and padded with 0: only
/// the front of an encoder has to know which. All other tensors are int64.
struct Batch {
  Tensor source;          ///< [S, B] or [S, B, F]
  Tensor source_lengths;  ///< [B], each 1 to S
  Tensor target_in;       ///< [T, B], `<bos>` y: what the decoder reads
  Tensor target_out;      ///< [T, B], y `<eos>`: what it has to predict

  std::int64_t target_tokens = 0;  ///< predictions that the loss counts: `<eos>` yes, padding no
};

/// Sources alone, to be translated: as in Batch.
struct SourceBatch {
  Tensor source;          ///< [S, B] or [S, B, F]
  Tensor source_lengths;  ///< [B]
};

/// The most that a batch may hold: so many sentences, or, unless that is 0, so many target tokens,
/// `<eos>` and padding included (B * T).
struct BatchSize {
  std::int64_t sentences = option(&sentences, "batch", 64, {1, kMany}, "sentences per batch");
  std::int64_t target_tokens =
      option(&target_tokens, "batch-tokens", 0, {0, kMany},
             "target tokens per batch, padding included; replaces --batch");

  /// The one of them that holds; a single pair above it is a batch of its own.
  std::int64_t limit() const { return target_tokens > 0 ? target_tokens : sentences; }
};

/// Which pairs of a corpus make each batch, in the order of training. Each pair stands in one.
using BatchPlan = std::vector<std::vector<std::int64_t>>;

/// The batches of one epoch, of pairs of similar length: the corpus is shuffled, cut into pools of
/// about 100 batches, each pool is sorted by (target length, source length) and cut into batches,
/// whose order is shuffled. It depends on the arguments alone, so a run resumes at any batch. In
/// a batch the longest source comes first. A pair longer than a limit of tokens is a batch of its
/// own. Throws Error unless size.limit() >= 1.
BatchPlan plan_training(std::span<const SentencePair> corpus, BatchSize size, std::uint64_t seed,
                        std::uint64_t epoch);

/// The batches of an evaluation: the whole corpus sorted by length, the same at every call.
BatchPlan plan_evaluation(std::span<const SentencePair> corpus, BatchSize size);

/// The batch of the corpus's pairs `rows`. Throws Error if there are none or a source is empty.
Batch make_batch(std::span<const SentencePair> corpus, const std::vector<std::int64_t>& rows);

/// The batch of the sentences `rows` among `sources` (ids). Throws Error as make_batch does.
SourceBatch make_source_batch(std::span<const std::vector<std::int64_t>> sources,
                              const std::vector<std::int64_t>& rows);

/// The batch of the sources `rows` that are frames, [S_i, F] each. Throws Error if there are none
/// or a shape does not fit.
SourceBatch make_source_batch(std::span<const Tensor> frames,
                              const std::vector<std::int64_t>& rows);

/// A batch of such sources and the target ids of each, in their order. Throws Error unless there is
/// a target for each source.
Batch make_batch(SourceBatch sources, std::span<const std::vector<std::int64_t>> targets);

}  // namespace weft::data
