#pragma once

#include "data/tasks/grammar.hpp"
#include "data/tasks/splitmix.hpp"

/// The toy tasks that are a rule, not a language: each function makes one random pair.
namespace weft::data::toy_rules {

/// 1 to 20 of the symbols 0 to 49: the same again.
ToyPair copy(SplitMix64& random);
/// The same symbols, last one first.
ToyPair reverse(SplitMix64& random);
/// 1 to 12 of them, by size.
ToyPair sort(SplitMix64& random);
/// "207+54": the sum with its digits reversed, "162", so that each digit depends on those before
/// it. Numbers below 1,000; one pair in eight has two numbers of four digits.
ToyPair addition(SplitMix64& random);
/// A day from 1900 to 2099 in one of six ways, "the 3rd of may 1997": "1997-05-03". Some days of
/// the year are held out.
ToyPair dates(SplitMix64& random);

}  // namespace weft::data::toy_rules
