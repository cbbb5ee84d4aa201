#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "autograd/names.hpp"

namespace weft::data {

/// Unicode normalization forms (UAX #15). One letter can be written in several ways: `nfc` unifies
/// them, `nfkc` also replaces presentation forms (ligatures, full-width letters) by plain ones.
enum class Normalization { none, nfc, nfkc };

/// The names of the forms.
constexpr auto names_of(Normalization) {
  return name_table<Normalization>(
      "normalize",
      {{Normalization::nfc, "nfc"}, {Normalization::nfkc, "nfkc"}, {Normalization::none, "none"}});
}

/// Returns the text in a normalization form. Throws Error unless `text` is well-formed UTF-8.
std::string normalize(std::string_view text, Normalization form);

/// Replaces each character by its lower-case character (Unicode's simple mapping: one character
/// becomes one, in any language). Throws Error unless `text` is well-formed UTF-8.
std::string lowercase(std::string_view text);

/// Returns what a reader perceives as the characters of the text: its extended grapheme clusters
/// (UAX #29), each of one or more code points. A letter keeps its combining marks, an emoji its
/// components. The rules grow with Unicode: since version 15.1, some Indic letters that used to be
/// two clusters are one. Throws Error unless `text` is well-formed UTF-8.
std::vector<std::string_view> graphemes(std::string_view text);

}  // namespace weft::data
