#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace weft {

/// How many single-byte insertions, deletions, substitutions and swaps of neighbors turn `a` into
/// `b`, no byte being edited twice (the optimal string alignment distance, after Damerau 1964).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate nearest to what was written, the first of equals; empty if none is near, that is
/// within a third of the longer word's length.
std::string_view suggest(std::string_view written, std::span<const std::string_view> candidates);

/// The place of `written` among `choices`. If it is none of them, throws Error, in the name of
/// `where`, with the choices and the nearest one.
std::size_t choose(std::string_view where, std::string_view written,
                   std::span<const std::string_view> choices);

/// The end of an error message: `; hint: did you mean <candidate>?`, or nothing.
std::string did_you_mean(std::string_view written, std::span<const std::string_view> candidates);

}  // namespace weft
