#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "models/search/sentence_search.hpp"
#include "models/seq2seq.hpp"

namespace weft::models {

/// The search method for each sentence.
enum class Method {
  greedy,  ///< GreedySearch, which also samples
  beam,    ///< BeamSearch
};

/// Beam search if the beam is above 1, otherwise greedy search.
Method method_of(const DecodeOptions& options);

/// Decodes many sentences at once. Each has its own search and its own length: sentences may be
/// added while others are being decoded, and leave the batch as soon as they are finished. The
/// model should be in eval mode. Records nothing on the tape.
///
///     BatchSearch search(model, options);
///     search.add(batch);
///     while (search.rows() > 0) {
///       search.step();
///     }
class BatchSearch {
 public:
  /// A finished sentence: its index, in the order in which sentences were added, and its
  /// translations, best first.
  using Found = std::pair<std::int64_t, std::vector<Hypothesis>>;

  /// Uses the method of the options. Both arguments must outlive the search. Throws Error as
  /// `validate` does.
  BatchSearch(const Seq2Seq& model, const DecodeOptions& options);
  /// Uses the given method, and generates only tokens that the rules allow.
  BatchSearch(const Seq2Seq& model, const DecodeOptions& options, Method method,
              const data::LineRules& rules = {});

  /// Adds the sentences of a batch. Throws Error unless the prefixes in `sentences` are empty or
  /// one per sentence, and likewise the keys.
  void add(const data::SourceBatch& batch, const SentenceOptions& sentences = {});
  /// The number of live hypotheses of all sentences; 0 when all are finished.
  std::int64_t rows() const;
  /// The number of unfinished sentences.
  std::int64_t sentences() const { return std::ssize(live_); }
  /// Extends every live hypothesis by one token; does nothing if all sentences are finished. Throws
  /// NotFinitePrediction naming the step if the model predicts NaN or infinity, or excludes every
  /// token.
  void step();
  /// Returns the sentences that finished since the last call.
  std::vector<Found> take();

 private:
  struct Live {
    std::int64_t number;
    std::unique_ptr<SentenceSearch> search;
  };

  std::unique_ptr<SentenceSearch> make(Sentence sentence) const;
  Tensor last_tokens() const;
  /// The candidates for every row's next token, after constraints.
  NextTokens next_tokens();
  /// Throws NotFinitePrediction if the predictions for a row are not finite.
  void check_finite(const NextTokens& next) const;

  const Seq2Seq& model_;
  const DecodeOptions& options_;
  Constraints constraints_;
  Method method_;
  bool prefixed_ = false;             // whether any sentence had a prefix
  std::unique_ptr<Session> session_;  // for the live rows; null without any
  std::vector<Live> live_;            // in order of their rows
  std::vector<Found> found_;
  std::int64_t added_ = 0;
};

}  // namespace weft::models
