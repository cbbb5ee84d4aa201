#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "data/text/subwords.hpp"

/// The file of a model of subwords. SentencePiece trusts such a file: it crashes on long pieces and
/// on damaged character maps, and takes settings from it that change what it does to text. So it is
/// given none: files are read here, and it gets what `to_bytes` writes of the values.
namespace weft::data {

/// The most pieces of a model, special ones and bytes included.
inline constexpr std::int64_t kMaxSubwords = std::int64_t{1} << 21;

/// A piece of a model.
struct SubwordPiece {
  std::string text;  ///< as it stands in a line, with U+2581 for a space
  float score = 0;   ///< the logarithm of its probability; for bpe minus the time of its merge
};

/// What models differ in.
struct SubwordFile {
  SubwordModel model = SubwordModel::unigram;  ///< how the pieces were learnt
  std::vector<SubwordPiece> pieces;            ///< special ones, bytes, and those that were learnt
};

/// What SentencePiece's trainer is told, so that it learns a model as these files have it. There
/// are never more pieces than kMaxSubwords.
std::unordered_map<std::string, std::string> trainer_arguments(const SubwordOptions& options);

/// The model in SentencePiece's format: the bytes that its trainer makes.
std::string to_bytes(const SubwordFile& file);

/// Reads what `to_bytes` wrote, from a source that is not trusted. Throws Error, in the name of
/// `where` and naming the field, for whatever else: the pieces begin with the special tokens of
/// Vocabulary and the 256 bytes, the others are words or parts of words that stand once each, with
/// finite scores; all settings are those of Subwords::train.
SubwordFile parse_subword_file(std::string_view bytes, const std::string& where);

/// The content of a file of at most 256 MiB; throws Error naming it.
std::string read_subword_file(const std::string& path);

}  // namespace weft::data
