#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autograd/names.hpp"
#include "data/scores/text.hpp"

namespace weft::data {

/// How BLEU cuts lines into words, as sacreBLEU does:
/// - `none` at white space, for text that is tokenized already;
/// - `v13a` as the NIST script mteval-v13a.pl does, which sets ASCII's punctuation apart;
/// - `chars` makes each character a word;
/// - `zh` sets Chinese characters and punctuation apart, and the rest as `v13a`;
/// - `intl` as mteval-v14.pl does, which sets all of Unicode's punctuation and symbols apart.
enum class BleuTokenization { none, v13a, chars, zh, intl };

/// sacreBLEU's names of them.
constexpr auto names_of(BleuTokenization) {
  return name_table<BleuTokenization>("tokenize", {{BleuTokenization::none, "none"},
                                                   {BleuTokenization::v13a, "13a"},
                                                   {BleuTokenization::chars, "char"},
                                                   {BleuTokenization::zh, "zh"},
                                                   {BleuTokenization::intl, "intl"}});
}

/// The words that BLEU sees in a line of UTF-8, cut after the case is lowered. White space is all
/// of Unicode's. Throws Error if the line is ill-formed.
std::vector<std::string> bleu_tokens(std::string_view line, BleuTokenization tokenization,
                                     LetterCase letter_case = LetterCase::mixed);

}  // namespace weft::data
