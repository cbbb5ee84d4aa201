#pragma once

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "models/search/sentence_search.hpp"
#include "models/seq2seq.hpp"

namespace weft::models {

/// How each sentence is searched for.
enum class Method {
  single,  ///< greedily, or by draws
  beam,
};

/// Searches for the translations of sentences, all at once and each at its own length: they may be
/// added while others are under way, and leave as soon as they are done. The model should be in
/// eval mode. Records nothing.
///
///     Search search(model, options);
///     search.add(batch);
///     while (search.rows() > 0) {
///       search.step();
///     }
class Search {
 public:
  /// What was found: the sentence's number, counted in the order of adding, and its translations.
  using Found = std::pair<std::int64_t, std::vector<Hypothesis>>;

  /// By a beam if the options ask for more than one place. Both must outlive the search. Throws
  /// Error as `validate` does.
  Search(const Seq2Seq& model, const DecodeOptions& options);
  /// By this method.
  Search(const Seq2Seq& model, const DecodeOptions& options, Method method);

  /// Adds the sentences of a batch. Throws Error unless there are as many prefixes and keys, or
  /// none.
  void add(const data::SourceBatch& batch, const SentenceOptions& sentences = {});
  /// Hypotheses under way; none: all sentences are done.
  std::int64_t rows() const;
  /// Sentences under way.
  std::int64_t sentences() const { return std::ssize(live_); }
  /// Every sentence goes on by one token; nothing happens if all are done. Throws Error naming the
  /// step if the model predicts NaN or infinity, or calls every token impossible.
  void step();
  /// The sentences that are done since the last call.
  std::vector<Found> take();

 private:
  struct Live {
    std::int64_t number;
    std::unique_ptr<SentenceSearch> search;
  };

  std::unique_ptr<SentenceSearch> make(Sentence sentence) const;
  Tensor last_tokens() const;
  /// What may come next in every row, after the constraints.
  NextTokens next_tokens();
  /// Throws Error if a row's predictions are not.
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
