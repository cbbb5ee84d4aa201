#pragma once

#include <cstdint>
#include <span>

#include "models/search/decode.hpp"

namespace weft::models {

/// Draws a token from logits [V]: from softmax(logits / temperature), restricted to the top_k most
/// probable tokens (Fan et al. 2018, arXiv:1805.04833) and then to the smallest set of them with
/// total probability top_p (nucleus; Holtzman et al. 2020, arXiv:1904.09751). Ties go to smaller
/// ids. `<pad>` and `<bos>` are never drawn; `best` is the most probable of the other tokens. `u`
/// in [0, 1) determines the draw. Returns `<eos>` if nothing can be drawn.
std::int64_t draw_token(std::span<const float> logits, std::int64_t best,
                        const DecodeOptions& options, double u);

/// The number in [0, 1) that determines a sentence's token at a position. Depends only on the seed,
/// the sentence's key and the position.
double draw_number(const DecodeOptions& options, std::uint64_t key, std::int64_t place);

}  // namespace weft::models
