#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autograd/names.hpp"
#include "data/scores/score_text.hpp"

namespace weft::data {

/// How BLEU splits lines into words, as sacreBLEU does:
/// - `none` splits at white space, for text that is already tokenized;
/// - `v13a` is the NIST script mteval-v13a.pl, which separates ASCII punctuation;
/// - `chars` makes each character a word;
/// - `zh` separates Chinese characters and punctuation, and treats the rest like `v13a`;
/// - `intl` is mteval-v14.pl, which separates all Unicode punctuation and symbols.
enum class BleuTokenization { none, v13a, chars, zh, intl };

/// Their names in sacreBLEU.
constexpr auto names_of(BleuTokenization) {
  return name_table<BleuTokenization>("tokenize", {{BleuTokenization::none, "none"},
                                                   {BleuTokenization::v13a, "13a"},
                                                   {BleuTokenization::chars, "char"},
                                                   {BleuTokenization::zh, "zh"},
                                                   {BleuTokenization::intl, "intl"}});
}

/// Returns the words that BLEU counts in a line of UTF-8, split after lowercasing, if any. White
/// space is Unicode white space. Throws Error if the line is ill-formed.
std::vector<std::string> bleu_tokens(std::string_view line, BleuTokenization tokenization,
                                     LetterCase letter_case = LetterCase::mixed);

}  // namespace weft::data
