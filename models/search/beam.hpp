#pragma once

#include "models/search/sentence_search.hpp"

namespace weft::models {

/// Beam search of one sentence: at every step it keeps the most probable of all continuations of
/// what it kept before. There are `options.beam` places for them; one that ends in `<eos>` is a
/// translation and keeps its place. A hypothesis is dropped as soon as it cannot be among the
/// `options.nbest` best translations any more, or nothing may follow it; the search ends when
/// nothing is left. The greedy translation is among those compared, so that no beam does worse than
/// greedy search. A sentence without a score above -inf has one translation, which is empty.
class Beam : public SentenceSearch {
 public:
  /// The options must outlive it.
  Beam(const DecodeOptions& options, Sentence sentence);

  std::int64_t rows() const override { return std::ssize(live_); }
  std::int64_t last_token(std::int64_t row) const override;
  History history(std::int64_t row) const override;
  void advance(const NextTokens& next, std::int64_t first,
               std::vector<std::int64_t>& parents) override;
  std::vector<Hypothesis> take() override;

 private:
  /// A token of a hypothesis and the link to the one before it.
  struct Link {
    std::int64_t token;
    std::int64_t previous;         // among the links, or none
    std::vector<float> attention;  // on each source position, if it is asked for
  };
  /// A hypothesis that may go on.
  struct Live {
    std::int64_t link;  // its last token
    double log_p;       // of its tokens
    bool greedy;        // made of most probable tokens alone
    bool kept;          // in the beam; false: only the greedy one goes on, outside it
  };
  /// A possible next hypothesis.
  struct Choice {
    std::int64_t row;  // of `live_`
    std::int64_t token;
    double log_p;
    bool greedy;
  };

  std::vector<Choice> choose(const NextTokens& next, std::int64_t first) const;
  std::int64_t add_link(const Choice& choice, const NextTokens& next, std::int64_t first);
  void offer(std::int64_t link, double log_p);
  double least_score() const;
  const Link& at(std::int64_t link) const { return links_[static_cast<std::size_t>(link)]; }
  std::vector<std::int64_t> tokens_of(std::int64_t link) const;
  std::vector<std::vector<float>> attention_along(std::int64_t link) const;

  const DecodeOptions& options_;
  Sentence sentence_;
  std::int64_t length_ = 0;       // tokens of each live hypothesis
  std::int64_t places_;           // of the beam that no translation has taken
  std::vector<Link> links_;       // of all hypotheses: they share their beginnings
  std::vector<Live> live_;        // the most probable first
  std::vector<Hypothesis> best_;  // translations, best first
};

}  // namespace weft::models
