#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/names.hpp"

namespace weft::data {

/// How subwords are learnt: `unigram` is a language model of pieces (Kudo 2018, arXiv:1804.10959),
/// `bpe` merges the most frequent pair again and again (Sennrich et al. 2016, arXiv:1508.07909).
enum class SubwordModel { unigram, bpe };

/// The names of the models.
constexpr auto names_of(SubwordModel) {
  return name_table<SubwordModel>("spm-model",
                                  {{SubwordModel::unigram, "unigram"}, {SubwordModel::bpe, "bpe"}});
}

/// What to learn.
struct SubwordOptions {
  SubwordModel model = SubwordModel::unigram;  ///< the way of learning
  std::int64_t vocab_size = 8000;              ///< pieces, 4 special ones and 256 bytes included
};

/// Text in pieces of words, by SentencePiece. A space is part of a piece (U+2581); what no piece
/// covers is spelt in bytes, so that nothing is unknown. The first ids are those of Vocabulary.
/// Text is taken as it stands, but for white space: a run of it is one space, none stands at the
/// ends.
class Subwords {
 public:
  /// None, to be assigned to.
  Subwords() = default;

  /// Learns from lines of UTF-8: the same lines in the same order give the same pieces. Where the
  /// text does not yield as many, there are fewer. Throws Error if there is no text, or the size
  /// leaves no room for bytes and characters.
  static Subwords train(std::span<const std::string> lines, const SubwordOptions& options);

  /// Reads what `save` wrote. Throws Error naming the file if it is damaged, or is no model as
  /// `train` makes them.
  static Subwords load(const std::string& path);
  /// Writes the model, in SentencePiece's format; throws Error if the file cannot be written.
  void save(const std::string& path) const;

  /// Whether there is a model.
  bool defined() const { return processor_ != nullptr; }
  /// Every piece in the order of ids, the special ones first.
  std::vector<std::string> pieces() const;
  /// The id of the piece that stands for each byte, in their order; empty if there are none.
  std::vector<std::int64_t> byte_ids() const;
  /// One way to cut a line.
  struct Cut {
    std::vector<std::string> pieces;  ///< as `encode` returns them
    double log_p = 0;                 ///< the sum of the pieces' log-probabilities
  };

  /// The `count` most probable ways to cut a line of UTF-8, or fewer, best first. Throws Error for
  /// a model of bpe, which has no probabilities.
  std::vector<Cut> best_cuts(std::string_view line, std::int64_t count) const;
  /// The most probable pieces of a line of UTF-8.
  std::vector<std::string> encode(std::string_view line) const;
  /// The line that pieces make; bytes that are no UTF-8 become U+FFFD.
  std::string decode(const std::vector<std::string>& pieces) const;

 private:
  class Processor;
  static Subwords parse(const std::string& bytes, const std::string& where);

  std::shared_ptr<const Processor> processor_;
};

}  // namespace weft::data
