#pragma once

#include <vector>

#include "models/search/decode.hpp"

namespace weft::models {

/// Beam search, of all sentences of a batch at once: at every step a sentence keeps the most
/// probable of all continuations of what it kept before. There are `options.beam` places for them;
/// one that ends in `<eos>` is a translation and keeps its place. A hypothesis leaves the batch as
/// soon as it cannot be among its sentence's `options.nbest` best translations any more, or nothing
/// may follow it; a sentence when nothing is left of it. The greedy translation is among those
/// compared, so that no beam does worse than greedy search. Returns the best translations of each
/// sentence, best first; one without a score above -inf is empty. Records nothing, and the model
/// should be in eval mode. Throws Error on options out of range.
std::vector<std::vector<Hypothesis>> beam_search(const Seq2Seq& model,
                                                 const data::SourceBatch& batch,
                                                 const DecodeOptions& options,
                                                 const SentenceOptions& sentences = {});

}  // namespace weft::models
