#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autograd/names.hpp"

namespace weft::data {

/// Unicode normalization forms (UAX #15). One letter can be written in several ways; `nfc` makes
/// them one, `nfkc` also turns presentation forms (ligatures, full-width letters) into plain ones.
enum class Normalization { none, nfc, nfkc };

/// The names of the forms.
constexpr auto names_of(Normalization) {
  return name_table<Normalization>(
      "normalize",
      {{Normalization::nfc, "nfc"}, {Normalization::nfkc, "nfkc"}, {Normalization::none, "none"}});
}

/// The text in a normalization form; `text` must be well-formed UTF-8, else throws Error.
std::string normalize(std::string_view text, Normalization form);

/// Each character replaced by its lower-case character (Unicode's simple mapping: one character
/// becomes one, whatever the language). `text` must be well-formed UTF-8, else throws Error.
std::string lowercase(std::string_view text);

/// What a reader calls the characters of the text: its extended grapheme clusters (UAX #29), of
/// one code point or several. A letter keeps its combining marks, an emoji its parts. The rules
/// grow with Unicode: since version 15.1 some Indic letters that were two clusters are one. `text`
/// must be well-formed UTF-8, else throws Error.
std::vector<std::string_view> graphemes(std::string_view text);

}  // namespace weft::data
