#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/settings/option.hpp"
#include "data/text/subwords.hpp"
#include "data/text/utf8.hpp"

namespace weft::data {

/// How a line is cut.
///
/// `word`: at white space and nothing else, where white space is a run of ASCII's space, tab, line
/// feed, vertical tab, form feed and carriage return. A no-break space (U+00A0) or any other
/// Unicode space stays inside its word, unless NFKC makes it a plain space.
///
/// `char`: into characters as readers count them (see `graphemes`). White space is a token too,
/// each of those six characters one that can be seen: `<space>`, `<tab>` ... No text is cut into
/// such a token, as no character has several letters. So the line can be made again from its
/// tokens.
///
/// `subword`: into the pieces of a model that was learnt from text (see Subwords). The line can be
/// made again but for its white space, which becomes single spaces.
enum class TokenizerKind { word, character, subword };

/// The names of the kinds.
constexpr auto names_of(TokenizerKind) {
  return name_table<TokenizerKind>("tokenizer", {{TokenizerKind::word, "word"},
                                                 {TokenizerKind::character, "char"},
                                                 {TokenizerKind::subword, "spm"}});
}

/// How a line becomes tokens: `detokenize` cannot bring capitals back, and text is normalized
/// before it is cut.
struct TokenizerConfig {
  TokenizerKind kind =
      option(&kind, "tokenizer", TokenizerKind::word,
             "word: split at white space; char: split into characters, spaces included; spm: "
             "SentencePiece subwords, learned from the training data",
             {.group = "Vocabulary", .key = "kind"});
  bool lowercase = option(&lowercase, "lowercase", false, "lower-case all text");
  Normalization normalize =
      option(&normalize, "normalize", Normalization::nfc, "Unicode normalization");

  /// Equal configurations cut every line alike.
  bool operator==(const TokenizerConfig&) const = default;
};

/// Text to tokens and back.
class Tokenizer {
 public:
  /// Words in NFC, case kept, unless configured otherwise. Subwords need their model.
  explicit Tokenizer(TokenizerConfig config = {}, Subwords subwords = {});

  /// What a model directory has to record to cut lines in the same way.
  const TokenizerConfig& config() const { return config_; }
  /// The model of subwords; undefined for other kinds.
  const Subwords& subwords() const { return subwords_; }

  /// The line as it is before it is cut: normalized and lower-cased as configured. The line must be
  /// well-formed UTF-8, else throws Error.
  std::string prepare(std::string_view line) const;

  /// The tokens of a line, normalized and lower-cased as configured. None of them is empty or holds
  /// ASCII's white space, and a line of white space alone has none. The line must be well-formed
  /// UTF-8, else throws Error.
  std::vector<std::string> tokenize(std::string_view line) const;

  /// The text of a token by itself: the white space that `<space>` and its like stand for among
  /// characters, else what the token is. A view of it or of the token.
  std::string_view text_of(std::string_view token) const;

  /// The line that the tokens make: words with one space between them, characters or pieces as they
  /// are.
  std::string detokenize(const std::vector<std::string>& tokens) const;

 private:
  TokenizerConfig config_;
  Subwords subwords_;
};

}  // namespace weft::data
