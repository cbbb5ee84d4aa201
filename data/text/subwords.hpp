#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/names.hpp"

namespace weft::data {

/// How subwords are learned: `unigram` is a language model of pieces (Kudo 2018, arXiv:1804.10959),
/// `bpe` repeatedly merges the most frequent pair (Sennrich et al. 2016, arXiv:1508.07909).
enum class SubwordModel { unigram, bpe };

/// The names of the models.
constexpr auto names_of(SubwordModel) {
  return name_table<SubwordModel>("spm-model",
                                  {{SubwordModel::unigram, "unigram"}, {SubwordModel::bpe, "bpe"}});
}

/// The number of pieces for single bytes, in every model.
inline constexpr std::int64_t kBytePieces = 256;

/// The longest word that is learnt as a whole, in code points. SentencePiece crashes on words of
/// 32,772, and no piece has more than 16.
inline constexpr std::int64_t kLongestLearnt = 4096;

/// Whether `line`, UTF-8, has a word that is longer, which is learnt in pieces.
bool has_cut_word(std::string_view line);

/// What to learn.
struct SubwordOptions {
  SubwordModel model = SubwordModel::unigram;  ///< the learning algorithm
  std::int64_t vocab_size = 8000;              ///< pieces, including 4 special ones and 256 bytes
};

/// Splits text into subwords, using SentencePiece. A space is part of a piece (U+2581). Text that
/// no piece covers is spelled in bytes, so that nothing is unknown. The first ids are those of
/// Vocabulary. Text is used as it is, except for white space: runs of it become one space, and none
/// is kept at either end.
class Subwords {
 public:
  /// Without a model, to be assigned to.
  Subwords() = default;

  /// Learns from lines of UTF-8; the same lines in the same order give the same pieces. Learns
  /// fewer pieces if the text does not yield enough. Throws Error if there is no text, or if the
  /// size leaves no room for bytes and characters. Error messages say that the text is of `where`.
  static Subwords train(std::span<const std::string> lines, const SubwordOptions& options,
                        const std::string& where = "subwords");

  /// Reads what `save` wrote. Throws Error naming the file if it is damaged or not a model that
  /// `train` could have made.
  static Subwords load(const std::string& path);
  /// Writes the model in SentencePiece's format. Throws Error if the file cannot be written. Error
  /// messages call it `name`, or use its path if `name` is empty.
  void save(const std::string& path, const std::string& name = {}) const;

  /// Whether there is a model.
  bool defined() const { return processor_ != nullptr; }
  /// All pieces in order of their ids, special ones first.
  std::vector<std::string> pieces() const;
  /// The ids of the pieces for the 256 bytes, in order; empty if there are no such pieces.
  std::vector<std::int64_t> byte_ids() const;
  /// One segmentation of a line.
  struct Cut {
    std::vector<std::string> pieces;  ///< as `encode` returns them
    double log_p = 0;                 ///< the sum of the pieces' log-probabilities
  };

  /// The `count` most probable segmentations of a line of UTF-8, best first; fewer if there are not
  /// that many. Throws Error for a bpe model, which has no probabilities.
  std::vector<Cut> best_cuts(std::string_view line, std::int64_t count) const;
  /// The most probable segmentation of a line of UTF-8.
  std::vector<std::string> encode(std::string_view line) const;
  /// Joins pieces to a line. Bytes that are not valid UTF-8 become U+FFFD.
  std::string decode(const std::vector<std::string>& pieces) const;

 private:
  class Processor;
  static Subwords parse(const std::string& bytes, const std::string& where);

  std::shared_ptr<const Processor> processor_;
};

}  // namespace weft::data
