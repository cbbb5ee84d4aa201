#include "models/search/beam.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "data/text/vocabulary.hpp"
#include "models/search/constraints.hpp"
#include "models/search/scores.hpp"

namespace weft::models {
namespace {

constexpr std::int64_t kFirst = data::kEos;  // <pad> and <bos> stand in no translation
constexpr std::int64_t kNone = -1;

constexpr double kImpossible = -std::numeric_limits<double>::infinity();

/// A token of a hypothesis and the link to the one before it.
struct Link {
  std::int64_t token;
  std::int64_t previous;  // among the search's links, or kNone
  std::int64_t row;       // of the batch whose step predicted it
};

/// A hypothesis that may go on: a row of the batch.
struct Live {
  std::int64_t sentence;
  std::int64_t link;  // its last token
  double log_p;       // of its tokens
  bool greedy;        // made of most probable tokens alone
  bool kept;          // in the beam; false: only the greedy one goes on, outside it
  std::int64_t row;   // of the batch in which its last step was made
};

/// The most probable continuations of every row of a batch.
class Candidates {
 public:
  /// logits [N, V], and the logarithms [N] of what makes probabilities of them.
  Candidates(const Tensor& logits, const Tensor& normalizers, std::int64_t beam)
      : k_(std::min(beam, logits.size(1) - kFirst)),
        normalizers_(normalizers),
        top_(topk(narrow(logits, 1, kFirst, logits.size(1) - kFirst), k_)) {}

  std::int64_t count() const { return k_; }
  std::int64_t token(std::int64_t row, std::int64_t i) const {
    return top_.ids.data<std::int64_t>()[index(row, i)] + kFirst;
  }
  /// NaN, from a model that is not finite, counts as impossible.
  double log_p(std::int64_t row, std::int64_t i) const {
    const double log_p =
        static_cast<double>(top_.values.data<float>()[index(row, i)]) -
        static_cast<double>(normalizers_.data<float>()[static_cast<std::size_t>(row)]);
    return std::isnan(log_p) ? -std::numeric_limits<double>::infinity() : log_p;
  }

 private:
  std::size_t index(std::int64_t row, std::int64_t i) const {
    return static_cast<std::size_t>(row * k_ + i);
  }

  std::int64_t k_;
  Tensor normalizers_;  // [N]
  TopK top_;            // [N, k]
};

class Search {
 public:
  Search(const DecodeOptions& options, const SentenceOptions& sentences,
         std::span<const std::int64_t> source_lengths)
      : options_(options),
        constraints_(options, sentences),
        source_lengths_(source_lengths),
        places_(source_lengths.size(), options.beam),
        best_(source_lengths.size()) {
    for (std::size_t i = 0; i < source_lengths.size(); ++i) {
      const auto sentence = static_cast<std::int64_t>(i);
      limits_.push_back(constraints_.limit(sentence, source_lengths[i]));
      live_.push_back({sentence, kNone, 0, true, true, 0});
    }
  }

  const std::vector<Live>& live() const { return live_; }
  std::vector<std::vector<Hypothesis>> take() {
    for (std::vector<Hypothesis>& list : best_) {
      if (list.empty()) {
        list.push_back({.tokens = {}, .score = kImpossible, .attention = {}});
      }
    }
    return std::move(best_);
  }

  /// The previous token of each row [N].
  Tensor tokens() const {
    return collect([&](const Live& x) { return x.link == kNone ? data::kBos : at(x.link).token; });
  }
  /// For each row now the row of the batch before, [N].
  Tensor rows() const {
    return collect([](const Live& x) { return x.row; });
  }
  /// The sentence of each row [N].
  Tensor sentences() const {
    return collect([](const Live& x) { return x.sentence; });
  }

  /// Every sentence goes on by one token; `length` is the number of tokens then. logits [N, V],
  /// attention [S, N] or undefined.
  void advance(Tensor logits, const Tensor& attention, std::int64_t length) {
    if (options_.attention || options_.coverage_penalty > 0) {
      attention_.push_back(attention);
    }
    std::vector<History> histories;
    if (constraints_.active()) {
      histories = all_histories();
      logits = logits.clone();
      constraints_.penalize(logits, histories);
    }
    const Tensor normalizers = logsumexp(logits, 1);  // [N]
    constraints_.exclude(logits, histories);
    const Candidates candidates(logits, normalizers, options_.beam);
    std::vector<Live> next;
    for (std::size_t begin = 0; begin < live_.size();) {
      std::size_t end = begin;
      while (end < live_.size() && live_[end].sentence == live_[begin].sentence) {
        ++end;
      }
      advance_sentence(candidates, begin, end, length, next);
      begin = end;
    }
    live_ = std::move(next);
  }

 private:
  /// A possible next hypothesis.
  struct Choice {
    std::int64_t row;
    std::int64_t token;
    double log_p;
    bool greedy;
  };

  template <class F>
  Tensor collect(F f) const {
    std::vector<std::int64_t> values;
    values.reserve(live_.size());
    std::ranges::transform(live_, std::back_inserter(values), f);
    return tensor(values, {std::ssize(values)});
  }

  const Link& at(std::int64_t link) const { return links_[static_cast<std::size_t>(link)]; }

  std::vector<std::int64_t> tokens_of(std::int64_t link) const {
    std::vector<std::int64_t> tokens;
    for (; link != kNone; link = at(link).previous) {
      tokens.push_back(at(link).token);
    }
    std::ranges::reverse(tokens);
    return tokens;
  }

  std::vector<History> all_histories() const {
    std::vector<History> histories;
    for (const Live& x : live_) {
      histories.push_back({x.sentence, tokens_of(x.link)});
    }
    return histories;
  }

  /// The continuations of the rows [begin, end), of one sentence, that are to be kept: the best
  /// `places`, then the greedy one if it is not among them.
  std::vector<Choice> choose(const Candidates& candidates, std::size_t begin, std::size_t end,
                             std::size_t places) const {
    std::vector<Choice> choices;
    std::vector<Choice> outside;  // the greedy one, if it has left the beam
    for (std::size_t i = begin; i < end; ++i) {
      const auto row = static_cast<std::int64_t>(i);
      for (std::int64_t j = 0; j < (live_[i].kept ? candidates.count() : 1); ++j) {
        const Choice choice{row, candidates.token(row, j),
                            live_[i].log_p + candidates.log_p(row, j), live_[i].greedy && j == 0};
        if (choice.log_p > kImpossible) {
          (live_[i].kept ? choices : outside).push_back(choice);
        }
      }
    }
    std::ranges::stable_sort(choices, std::greater{}, &Choice::log_p);
    for (std::size_t i = places; i < choices.size(); ++i) {
      if (choices[i].greedy) {
        outside.push_back(choices[i]);
      }
    }
    choices.resize(std::min(choices.size(), places));
    choices.insert(choices.end(), outside.begin(), outside.end());
    return choices;
  }

  void advance_sentence(const Candidates& candidates, std::size_t begin, std::size_t end,
                        std::int64_t length, std::vector<Live>& next) {
    const std::int64_t sentence = live_[begin].sentence;
    const std::int64_t limit = limits_[static_cast<std::size_t>(sentence)];
    std::int64_t& places = places_[static_cast<std::size_t>(sentence)];
    const auto width = static_cast<std::size_t>(places);
    const std::vector<Choice> choices = choose(candidates, begin, end, width);
    const std::size_t first = next.size();
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const Choice& choice = choices[i];
      const bool kept = i < width;
      const std::int64_t before = live_[static_cast<std::size_t>(choice.row)].link;
      links_.push_back({choice.token, before, choice.row});
      const std::int64_t link = std::ssize(links_) - 1;
      if (choice.token == data::kEos || length == limit) {
        places -= kept && choice.token == data::kEos ? 1 : 0;
        offer(sentence, link, choice.log_p, length);
        continue;
      }
      next.push_back({sentence, link, choice.log_p, choice.greedy, kept, choice.row});
    }
    const double least = least_score(sentence);
    const auto cannot_win = [&](const Live& x) {
      return score_bound(options_, x.log_p, length, limit) <= least;
    };
    next.erase(
        std::remove_if(next.begin() + static_cast<std::ptrdiff_t>(first), next.end(), cannot_win),
        next.end());
  }

  /// The score that a translation must exceed to be among the best.
  double least_score(std::int64_t sentence) const {
    const std::vector<Hypothesis>& list = best_[static_cast<std::size_t>(sentence)];
    return std::ssize(list) < options_.nbest ? kImpossible : list.back().score;
  }

  /// The translation that ends in `link`, of `n` tokens, is listed if it is among the best.
  void offer(std::int64_t sentence, std::int64_t link, double log_p, std::int64_t n) {
    Hypothesis found{.tokens = tokens_of(link),
                     .score = length_score(options_, log_p, n),
                     .attention = attention_along(sentence, link)};
    found.score += coverage(options_, found.attention);
    if (!(found.score > least_score(sentence))) {
      return;
    }
    if (found.tokens.back() == data::kEos) {
      found.tokens.pop_back();
    }
    found.attention.resize(
        options_.attention ? std::min(found.tokens.size(), found.attention.size()) : 0);
    std::vector<Hypothesis>& list = best_[static_cast<std::size_t>(sentence)];
    const auto place =
        std::ranges::upper_bound(list, found.score, std::greater(), &Hypothesis::score);
    list.insert(place, std::move(found));
    list.resize(std::min(list.size(), static_cast<std::size_t>(options_.nbest)));
  }

  /// The attention of every token up to `link`, if it was noted.
  std::vector<std::vector<float>> attention_along(std::int64_t sentence, std::int64_t link) const {
    std::vector<std::vector<float>> all;
    if (attention_.empty() || !attention_.front().defined()) {
      return all;
    }
    const std::int64_t length = source_lengths_[static_cast<std::size_t>(sentence)];
    for (std::size_t step = tokens_of(link).size(); link != kNone; link = at(link).previous) {
      all.push_back(attention_of(attention_[--step], at(link).row, length));
    }
    std::ranges::reverse(all);
    return all;
  }

  const DecodeOptions& options_;
  Constraints constraints_;
  std::span<const std::int64_t> source_lengths_;
  std::vector<std::int64_t> limits_;
  std::vector<std::int64_t> places_;  // of each sentence's beam that no translation has taken
  std::vector<std::vector<Hypothesis>> best_;  // of each sentence, best first
  std::vector<Link> links_;
  std::vector<Tensor> attention_;  // of each step [S, N], if it is asked for
  std::vector<Live> live_;         // ordered by sentence
};

}  // namespace

std::vector<std::vector<Hypothesis>> beam_search(const Seq2Seq& model,
                                                 const data::SourceBatch& batch,
                                                 const DecodeOptions& options,
                                                 const SentenceOptions& sentences) {
  validate(options);
  const NoGradGuard guard;
  Search search(options, sentences, batch.source_lengths.data<std::int64_t>());
  Memory memory = model.encode(batch.source, batch.source_lengths);
  State state = model.start(memory);
  for (std::int64_t length = 1; !search.live().empty(); ++length) {
    Step next = model.step(memory, state, search.tokens());
    search.advance(model.project(next.features), next.attention, length);
    state = reorder(next.state, search.rows());
    memory.rows = search.sentences();
  }
  return search.take();
}

}  // namespace weft::models
