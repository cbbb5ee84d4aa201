#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weft::data {

/// How BLEU cuts lines into words: `none` at white space, for text that is tokenized already;
/// `v13a` as the NIST script mteval-v13a.pl does, which sets punctuation apart.
enum class BleuTokenization { none, v13a };

/// "none" or "13a", sacreBLEU's names.
std::string_view name(BleuTokenization tokenization);

/// The tokenization of that name; throws Error naming the choices if there is none.
BleuTokenization bleu_tokenization_named(std::string_view name);

/// The words that BLEU sees in a line of UTF-8. White space is all of Unicode's, as in sacreBLEU.
std::vector<std::string> bleu_tokens(std::string_view line, BleuTokenization tokenization);

}  // namespace weft::data
