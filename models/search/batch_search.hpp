#pragma once

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "models/search/sentence_search.hpp"
#include "models/seq2seq.hpp"

namespace weft::models {

/// How each sentence is decoded.
enum class Method {
  greedy,  ///< by GreedySearch, which also samples
  beam,    ///< by BeamSearch
};

/// Decodes many sentences at once. Each has a search and a length of its own: sentences may be
/// added while others are under way, and leave as soon as they are done. The model should be in
/// eval mode. Records nothing.
///
///     BatchSearch search(model, options);
///     search.add(batch);
///     while (search.rows() > 0) {
///       search.step();
///     }
class BatchSearch {
 public:
  /// A finished sentence: its number, in the order of adding, and its translations, best first.
  using Found = std::pair<std::int64_t, std::vector<Hypothesis>>;

  /// Uses a beam if `options.beam` is above 1. Both arguments must outlive the search. Throws Error
  /// as `validate` does.
  BatchSearch(const Seq2Seq& model, const DecodeOptions& options);
  /// Uses this method.
  BatchSearch(const Seq2Seq& model, const DecodeOptions& options, Method method);

  /// Adds the sentences of a batch. Throws Error unless `sentences` has no prefixes and keys, or
  /// one for each.
  void add(const data::SourceBatch& batch, const SentenceOptions& sentences = {});
  /// Live hypotheses of all sentences; 0: all are done.
  std::int64_t rows() const;
  /// Unfinished sentences.
  std::int64_t sentences() const { return std::ssize(live_); }
  /// Extends every live hypothesis by one token; does nothing if all sentences are done. Throws
  /// Error naming the step if the model predicts NaN or infinity, or excludes every token.
  void step();
  /// The sentences that finished since the last call.
  std::vector<Found> take();

 private:
  struct Live {
    std::int64_t number;
    std::unique_ptr<SentenceSearch> search;
  };

  std::unique_ptr<SentenceSearch> make(Sentence sentence) const;
  Tensor last_tokens() const;
  /// The candidates for the next token of every row, constraints applied.
  NextTokens next_tokens();
  /// Throws Error if the predictions for a row are not finite.
  void check_finite(const NextTokens& next) const;

  const Seq2Seq& model_;
  const DecodeOptions& options_;
  Constraints constraints_;
  Method method_;
  bool prefixed_ = false;             // whether a sentence has had a prefix
  std::unique_ptr<Session> session_;  // of the live rows; none while there are none
  std::vector<Live> live_;            // in the order of their rows
  std::vector<Found> found_;
  std::int64_t added_ = 0;
};

}  // namespace weft::models
