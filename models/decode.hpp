#pragma once

#include <cstdint>
#include <vector>

#include "models/seq2seq.hpp"

namespace weft::models {

/// When a search gives up on a sentence that does not end.
struct DecodeOptions {
  /// Most tokens of a translation, `<eos>` not counted; 0: twice the source's length plus 10.
  std::int64_t max_length = 0;
};

/// Greedy search: every sentence takes its most probable token until `<eos>` or its limit.
/// Sentences that have ended leave the batch. Returns the target ids of each sentence, without
/// `<eos>`. Records nothing, and the model should be in eval mode.
std::vector<std::vector<std::int64_t>> greedy(const Seq2Seq& model, const data::SourceBatch& batch,
                                              const DecodeOptions& options = {});

}  // namespace weft::models
