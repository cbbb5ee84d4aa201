#pragma once

#include "models/search/sentence_search.hpp"

namespace weft::models {

/// Greedy search for one sentence: a single hypothesis, extended by its most probable token until
/// that is `<eos>` or the length limit is reached. Sampling draws the token instead.
class GreedySearch : public SentenceSearch {
 public:
  /// The options must outlive the search.
  GreedySearch(const DecodeOptions& options, Sentence sentence)
      : options_(options), sentence_(std::move(sentence)) {}

  std::int64_t rows() const override { return ended_ ? 0 : 1; }
  std::int64_t last_token(std::int64_t row) const override;
  std::int64_t length() const override { return std::ssize(found_.tokens); }
  History history(std::int64_t row, std::int64_t most) const override;
  void advance(const NextTokens& next, std::int64_t first,
               std::vector<std::int64_t>& parents) override;
  std::vector<Hypothesis> take() override;

 private:
  std::int64_t choose(const NextTokens& next, std::int64_t row) const;

  const DecodeOptions& options_;
  Sentence sentence_;
  Hypothesis found_;
  bool ended_ = false;
};

}  // namespace weft::models
