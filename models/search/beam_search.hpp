#pragma once

#include "models/search/sentence_search.hpp"

namespace weft::models {

/// Beam search for one sentence. With k = `options.beam`:
///
///     live = { the empty hypothesis }
///     best = {}                                      // finished translations, best score first
///     while live is not empty:
///       choices = the k most probable (hypothesis in live + one token)
///       for each choice:
///         if its token is <eos>, or it has reached the length limit:
///           add it to best, with its length-normalized score
///           if its token is <eos>: k -= 1            // a translation keeps its place in the beam
///         else: it is live in the next step
///       drop each live hypothesis that can no longer beat the worst of the n best
///     return the n = `options.nbest` best
///
/// The greedy hypothesis is followed to its end even when it falls out of the beam, so a beam never
/// scores worse than greedy search. If no hypothesis has a score above -inf, the translation is
/// empty.
class BeamSearch : public SentenceSearch {
 public:
  /// The options must outlive the search.
  BeamSearch(const DecodeOptions& options, Sentence sentence);

  std::int64_t rows() const override { return std::ssize(live_); }
  std::int64_t last_token(std::int64_t row) const override;
  std::int64_t length() const override { return length_; }
  History history(std::int64_t row, std::int64_t most) const override;
  void advance(const NextTokens& next, std::int64_t first,
               std::vector<std::int64_t>& parents) override;
  std::vector<Hypothesis> take() override;

 private:
  /// A token of a hypothesis, with a link to the previous one.
  struct Link {
    std::int64_t token;
    std::int64_t previous;         // index of a link, or none
    std::vector<float> attention;  // over the source positions, if requested
  };
  /// A hypothesis that can be extended.
  struct Live {
    std::int64_t link;  // its last token
    double log_p;       // of its tokens so far
    bool greedy;        // consists of the most probable tokens only
    bool kept;          // in the beam; false for a greedy hypothesis followed outside it
  };
  /// A possible next hypothesis.
  struct Choice {
    std::int64_t row;  // of `live_`
    std::int64_t token;
    double log_p;
    bool greedy;
  };

  std::vector<Choice> choose(const NextTokens& next, std::int64_t first) const;
  void end_here();
  std::int64_t add_link(const Choice& choice, const NextTokens& next, std::int64_t first);
  void offer(std::int64_t link, double log_p);
  double least_score() const;
  const Link& at(std::int64_t link) const { return links_[static_cast<std::size_t>(link)]; }
  std::vector<std::int64_t> last_tokens(std::int64_t link, std::int64_t most) const;
  std::vector<std::vector<float>> attention_along(std::int64_t link) const;

  const DecodeOptions& options_;
  Sentence sentence_;
  std::int64_t length_ = 0;       // number of tokens of each live hypothesis
  std::int64_t places_;           // in the beam, not taken by a finished translation
  std::vector<Link> links_;       // of all hypotheses; common prefixes are shared
  std::vector<Live> live_;        // most probable first
  std::vector<Hypothesis> best_;  // finished translations, best first
};

}  // namespace weft::models
