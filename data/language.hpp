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

/// One side as a model sees it: how a line is cut, and a number for each piece.
struct Language {
  Tokenizer tokenizer;    ///< line to tokens and back
  Vocabulary vocabulary;  ///< tokens to ids and back

  /// The ids of a line, with neither `<bos>` nor `<eos>`. Throws Error on ill-formed UTF-8.
  std::vector<std::int64_t> encode(std::string_view line) const;
  /// The line that ids make, up to the first `<eos>`.
  std::string decode(std::span<const std::int64_t> ids) const;
};

/// How the languages of a corpus are made.
struct LanguageConfig {
  TokenizerConfig tokenizer = {};  ///< of both sides
  SubwordModel subwords =
      option(&subwords, "spm-model", SubwordModel::unigram, "type of SentencePiece model");
  std::int64_t vocab_size =
      option(&vocab_size, "vocab-size", 0, {0, kMany},
             "maximum vocabulary size, special tokens included (0: unlimited; for spm 8000)");
  /// One vocabulary, and one model of subwords.
  bool joint =
      option(&joint, "joint-vocab", false, "one vocabulary for both languages (for spm true)");
  std::int64_t min_freq = option(&min_freq, "min-freq", 1, {1, kMany},
                                 "tokens that occur less often become unknown; for word and char");
};

/// The tokenizers of source and target. Subwords are learnt from the pairs.
std::pair<Tokenizer, Tokenizer> make_tokenizers(std::span<const TextPair> pairs,
                                                const LanguageConfig& config);

/// The languages of source and target, given the pairs that their tokenizers cut.
std::pair<Language, Language> make_languages(std::pair<Tokenizer, Tokenizer> tokenizers,
                                             std::span<const TokenPair> pairs,
                                             const LanguageConfig& config);

}  // namespace weft::data
