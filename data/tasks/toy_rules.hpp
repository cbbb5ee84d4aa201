#pragma once

#include "data/tasks/grammar.hpp"
#include "data/tasks/splitmix.hpp"

/// The toy tasks that are defined by a rule instead of a grammar. Each function makes one random
/// pair.
namespace weft::data::toy_rules {

/// Copies 1 to 20 of the symbols 0 to 49.
ToyPair copy(SplitMix64& random);
/// Reverses 1 to 20 of these symbols.
ToyPair reverse(SplitMix64& random);
/// Sorts 1 to 12 of these symbols by size.
ToyPair sort(SplitMix64& random);
/// "207+54" becomes "162": the sum with its digits reversed, so that each digit depends on those
/// before it. Numbers are below 1,000; in one pair of eight, both have four digits.
ToyPair addition(SplitMix64& random);
/// A day from 1900 to 2099 in one of six styles, such as "the 3rd of may 1997", becomes
/// "1997-05-03". Some days of the year are held out.
ToyPair dates(SplitMix64& random);

}  // namespace weft::data::toy_rules
