#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/text/subwords.hpp"

/// The file format of subword models. SentencePiece trusts its model files: it crashes on long
/// pieces and on damaged character maps, and takes settings from them that change how it processes
/// text. So it never gets to read one: files are parsed here, and SentencePiece is given what
/// `to_bytes` makes of the parsed values.
namespace weft::data {

/// The maximum number of pieces in a model, including special pieces and bytes.
inline constexpr std::int64_t kMaxSubwords = std::int64_t{1} << 21;

/// SentencePiece's "minloglevel": it logs fatal errors only.
inline constexpr const char* kMinLogLevel = "3";

/// A piece of a model.
struct SubwordPiece {
  std::string text;  ///< as written in a line, with U+2581 for a space
  float score = 0;   ///< log-probability; for bpe, minus the index of its merge
};

/// The values in which models differ.
struct SubwordFile {
  SubwordModel model = SubwordModel::unigram;  ///< how the pieces were learned
  std::vector<SubwordPiece> pieces;            ///< special pieces, bytes, then learned pieces
};

/// The arguments for SentencePiece's trainer that make it learn models of this form. Models never
/// have more than kMaxSubwords pieces.
std::unordered_map<std::string, std::string> trainer_arguments(const SubwordOptions& options);

/// Returns the model in SentencePiece's format, byte for byte as its trainer writes it.
std::string to_bytes(const SubwordFile& file);

/// Parses what `to_bytes` wrote, from an untrusted source. Throws Error, prefixed with `where` and
/// naming the field, for anything else. The pieces must begin with the special tokens of Vocabulary
/// and the 256 bytes; the others must be words or parts of words, distinct, with finite scores; and
/// all settings must be those of Subwords::train.
SubwordFile parse_subword_file(std::string_view bytes, const std::string& where);

/// Returns the content of a file of at most 256 MiB. Throws Error naming the file.
std::string read_subword_file(const std::string& path);

}  // namespace weft::data
