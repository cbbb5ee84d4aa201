#pragma once

#include "models/search/sentence_search.hpp"

namespace weft::models {

/// Greedy search and sampling: a sentence has one hypothesis, which takes a token a step, the most
/// probable one or a drawn one, until that is `<eos>` or the limit is reached.
class SingleHypothesis : public SentenceSearch {
 public:
  /// The options must outlive it.
  SingleHypothesis(const DecodeOptions& options, Sentence sentence)
      : options_(options), sentence_(std::move(sentence)) {}

  std::int64_t rows() const override { return ended_ ? 0 : 1; }
  std::int64_t last_token(std::int64_t row) const override;
  History history(std::int64_t row) const override;
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
