#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/corpus.hpp"
#include "data/text/tokenizer.hpp"
#include "data/text/vocabulary.hpp"

namespace weft::data {

/// One side of a corpus: how lines are split into tokens, and the id of each token.
struct Language {
  Tokenizer tokenizer;    ///< line to tokens and back
  Vocabulary vocabulary;  ///< tokens to ids and back

  /// The ids of a line, with neither `<bos>` nor `<eos>`. Throws Error on ill-formed UTF-8.
  std::vector<std::int64_t> encode(std::string_view line) const;
  /// The line of text for ids, up to the first `<eos>`.
  std::string decode(std::span<const std::int64_t> ids) const;
};

/// How the languages of a corpus are built.
struct LanguageConfig {
  TokenizerConfig tokenizer = {};  ///< for both sides
  SubwordModel subwords =
      option(&subwords, "spm-model", SubwordModel::unigram, "type of SentencePiece model");
  std::int64_t vocab_size =
      option(&vocab_size, "vocab-size", 0, {0, kMany},
             "maximum vocabulary size, special tokens included (0: unlimited; spm default: 8000)");
  /// One vocabulary and one subword model for both languages.
  bool joint =
      option(&joint, "joint-vocab", false, "one vocabulary for both languages (spm default: true)");
  std::int64_t min_freq = option(&min_freq, "min-freq", 1, {1, kMany},
                                 "tokens that occur less often become unknown; word and char only");
};

/// Makes the tokenizers of source and target. Subword models are trained on the pairs. Error
/// messages say that the pairs are of `where`, such as the name of a file.
std::pair<Tokenizer, Tokenizer> make_tokenizers(std::span<const TextPair> pairs,
                                                const LanguageConfig& config,
                                                const std::string& where = "subwords");

/// Makes the languages of source and target from the tokenized pairs.
std::pair<Language, Language> make_languages(std::pair<Tokenizer, Tokenizer> tokenizers,
                                             std::span<const TokenPair> pairs,
                                             const LanguageConfig& config);

}  // namespace weft::data
