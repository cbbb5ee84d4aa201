#pragma once

#include <cstdint>
#include <span>

#include "models/search/decode.hpp"

namespace weft::models {

/// Draws a token from logits [V]: of softmax(logits / temperature), cut to the top_k most probable
/// tokens (Fan et al. 2018, arXiv:1805.04833) and then to the fewest of those that have the share
/// top_p (nucleus; Holtzman et al. 2020, arXiv:1904.09751), of equals those with smaller ids.
/// `<pad>` and `<bos>` are not drawn; `best` is the most probable of the others. `u` in [0, 1)
/// decides. Returns `<eos>` if nothing can be drawn.
std::int64_t draw_token(std::span<const float> logits, std::int64_t best,
                        const DecodeOptions& options, double u);

/// The number in [0, 1) that decides a sentence's token at a place: of the seed, the sentence's key
/// and the place alone.
double draw_number(const DecodeOptions& options, std::uint64_t key, std::int64_t place);

}  // namespace weft::models
