#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace weft {

/// The number of single-byte insertions, deletions, substitutions and swaps of neighbors that turn
/// `a` into `b`, with no byte edited twice (the optimal string alignment distance, after Damerau
/// 1964).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to `written`, the first among equals; empty if none is within a third of
/// the longer word's length.
std::string_view suggest(std::string_view written, std::span<const std::string_view> candidates);

/// The index of `written` in `choices`. If it is not among them, throws Error in the name of
/// `where` with the choices and the nearest one.
std::size_t choose(std::string_view where, std::string_view written,
                   std::span<const std::string_view> choices);

/// The suffix of an error message: `; hint: did you mean <candidate>?`, or nothing.
std::string did_you_mean(std::string_view written, std::span<const std::string_view> candidates);

}  // namespace weft
