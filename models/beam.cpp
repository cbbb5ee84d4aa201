#include "models/beam.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "data/vocabulary.hpp"

// Scores are log p(y) / n^a with n the tokens of y and <eos> (a = 1: the mean; Wu et al. 2016,
// arXiv:1609.08144, section 7, discuss other lengths). log p only falls as a hypothesis grows,
// which bounds what it can still reach.
namespace weft::models {
namespace {

constexpr std::int64_t kFirst = data::kEos;  // <pad> and <bos> stand in no translation
constexpr std::int64_t kNone = -1;

/// A token of a hypothesis and the link to the one before it.
struct Link {
  std::int64_t token;
  std::int64_t previous;  // among the search's links, or kNone
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
  /// logits [N, V]
  Candidates(const Tensor& logits, std::int64_t beam)
      : k_(std::min(beam, logits.size(1) - kFirst)),
        normalizers_(logsumexp(logits, 1)),
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
  Search(const DecodeOptions& options, std::span<const std::int64_t> source_lengths)
      : options_(options),
        places_(source_lengths.size(), options.beam),
        best_(source_lengths.size()) {
    for (std::size_t i = 0; i < source_lengths.size(); ++i) {
      limits_.push_back(length_limit(options, source_lengths[i]));
      best_[i].score = -std::numeric_limits<double>::infinity();
      live_.push_back({static_cast<std::int64_t>(i), kNone, 0, true, true, 0});
    }
  }

  const std::vector<Live>& live() const { return live_; }
  std::vector<Hypothesis> take() { return std::move(best_); }

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

  /// Every sentence goes on by one token; `length` is the number of tokens then.
  void advance(const Candidates& candidates, std::int64_t length) {
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

  double score(double log_p, std::int64_t n) const {
    return log_p / std::pow(static_cast<double>(n), options_.length_penalty);
  }

  /// The best score that a hypothesis of `length` tokens can still reach: log p stays as it is.
  double bound(double log_p, std::int64_t length, std::int64_t limit) const {
    return std::max(score(log_p, length + 1), score(log_p, limit));
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
        (live_[i].kept ? choices : outside).push_back(choice);
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
    Hypothesis& best = best_[static_cast<std::size_t>(sentence)];
    std::int64_t& places = places_[static_cast<std::size_t>(sentence)];
    const auto width = static_cast<std::size_t>(places);
    const std::vector<Choice> choices = choose(candidates, begin, end, width);
    const std::size_t first = next.size();
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const Choice& choice = choices[i];
      const bool kept = i < width;
      const std::int64_t before = live_[static_cast<std::size_t>(choice.row)].link;
      if (choice.token == data::kEos) {
        offer(best, before, score(choice.log_p, length));
        places -= kept ? 1 : 0;
        continue;
      }
      links_.push_back({choice.token, before});
      const std::int64_t link = std::ssize(links_) - 1;
      if (length == limit) {
        offer(best, link, score(choice.log_p, length));
        continue;
      }
      next.push_back({sentence, link, choice.log_p, choice.greedy, kept, choice.row});
    }
    const auto cannot_win = [&](const Live& x) {
      return bound(x.log_p, length, limit) <= best.score;
    };
    next.erase(
        std::remove_if(next.begin() + static_cast<std::ptrdiff_t>(first), next.end(), cannot_win),
        next.end());
  }

  /// The translation that ends in `link` becomes the best if it is better.
  void offer(Hypothesis& best, std::int64_t link, double score) const {
    if (!(score > best.score)) {
      return;
    }
    best.score = score;
    best.tokens.clear();
    for (; link != kNone; link = at(link).previous) {
      best.tokens.push_back(at(link).token);
    }
    std::ranges::reverse(best.tokens);
  }

  DecodeOptions options_;
  std::vector<std::int64_t> limits_;
  std::vector<std::int64_t> places_;  // of each sentence's beam that no translation has taken
  std::vector<Hypothesis> best_;
  std::vector<Link> links_;
  std::vector<Live> live_;  // ordered by sentence
};

}  // namespace

std::vector<Hypothesis> beam_search(const Seq2Seq& model, const data::SourceBatch& batch,
                                    const DecodeOptions& options) {
  if (options.beam < 1 || !std::isfinite(options.length_penalty)) {
    fail(
        "beam search: options out of range; got beam {}, length penalty {}; expected at least 1, "
        "a number",
        options.beam, options.length_penalty);
  }
  const NoGradGuard guard;
  Search search(options, batch.source_lengths.data<std::int64_t>());
  Memory memory = model.encode(batch.source, batch.source_lengths);
  State state = model.start(memory);
  for (std::int64_t length = 1; !search.live().empty(); ++length) {
    Step next = model.step(memory, state, search.tokens());
    search.advance(Candidates(model.project(next.features), options.beam), length);
    state = reorder(next.state, search.rows());
    memory.rows = search.sentences();
  }
  return search.take();
}

}  // namespace weft::models
