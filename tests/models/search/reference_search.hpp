#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "data/text/vocabulary.hpp"
#include "models/search/decode.hpp"

/// Search for the translations of one sentence, written a second time from the definitions: one
/// hypothesis after the other, without batches, each read from its beginning for every next token.
namespace weft::models {

using Ids = std::vector<std::int64_t>;

inline data::SourceBatch batch_of(const std::vector<Ids>& sources) {
  Ids rows;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    rows.push_back(std::ssize(rows));
  }
  return data::make_source_batch(sources, rows);
}

class ReferenceSearch {
 public:
  ReferenceSearch(const Seq2Seq& model, const Ids& source, const DecodeOptions& options,
                  Ids prefix = {})
      : model_(model),
        source_(batch_of({source})),
        options_(options),
        prefix_(std::move(prefix)),
        limit_(std::max(length_limit(options, std::ssize(source)), std::ssize(prefix_))) {}

  /// The best of all possible translations, best first.
  std::vector<Hypothesis> exhaustive() {
    const NoGradGuard guard;
    best_.clear();
    extend(first());
    return best_;
  }

  /// The score of a translation, cut off at the length limit.
  double score_of(const Ids& tokens) {
    const NoGradGuard guard;
    best_.clear();
    Live x = first();
    for (std::size_t t = 0; !offer(x); ++t) {
      const std::int64_t token = t < tokens.size() ? tokens[t] : data::kEos;
      const std::vector<Live> all = continuations(x);
      x = *std::ranges::find(all, token, &Live::previous);
    }
    return best_.at(0).score;
  }

  /// A beam as defined in beam_search.hpp.
  std::vector<Hypothesis> beam() {
    const NoGradGuard guard;
    best_.clear();
    std::int64_t places = options_.beam;
    std::vector<Live> live = {first()};
    while (!live.empty()) {
      std::vector<Live> choices;
      std::vector<Live> outside;
      for (const Live& x : live) {
        std::vector<Live> all = continuations(x);
        if (!x.kept && !all.empty()) {
          all.erase(all.begin() + 1, all.end());
        }
        std::ranges::copy(all, std::back_inserter(x.kept ? choices : outside));
      }
      std::ranges::stable_sort(choices, std::greater(), &Live::log_p);
      live.clear();
      const std::int64_t width = places;
      for (std::int64_t i = 0; i < std::ssize(choices); ++i) {
        Live& x = choices[static_cast<std::size_t>(i)];
        x.kept = i < width;
        if (!x.kept && !x.greedy) {
          continue;
        }
        places -= x.kept && x.previous == data::kEos ? 1 : 0;
        if (!offer(x)) {
          live.push_back(x);
        }
      }
      for (Live& x : outside) {
        x.kept = false;
        if (!offer(x)) {
          live.push_back(x);
        }
      }
      std::erase_if(live, [&](const Live& x) {
        return std::max(divided(x.log_p, x.n + 1), divided(x.log_p, limit_)) <= least();
      });
    }
    return best_;
  }

 private:
  struct Live {
    Ids tokens;
    std::int64_t n;  // tokens with <eos>
    double log_p;
    std::int64_t previous;
    std::vector<double> covered;  // attention on each source token so far
    bool greedy;
    bool kept;
  };

  Live first() const { return {{}, 0, 0, data::kBos, {}, true, true}; }

  double least() const {
    return std::ssize(best_) < options_.nbest ? -std::numeric_limits<double>::infinity()
                                              : best_.back().score;
  }

  double divided(double log_p, std::int64_t n) const {
    const double base = options_.length_norm == LengthNorm::gnmt
                            ? (5.0 + static_cast<double>(n)) / 6.0
                            : static_cast<double>(n);
    return log_p / std::pow(base, options_.length_penalty);
  }

  double score(const Live& x) const {
    double penalty = 0;
    for (const double sum : x.covered) {
      penalty += std::log(std::min(std::max(sum, 1e-6), 1.0));
    }
    return divided(x.log_p, x.n) + options_.coverage_penalty * penalty;
  }

  bool may_follow(const Ids& tokens, std::int64_t token) const {
    if (tokens.size() < prefix_.size()) {
      return token == prefix_[tokens.size()];
    }
    if (token == data::kEos) {
      return std::ssize(tokens) >= options_.min_length;
    }
    Ids longer = tokens;
    longer.push_back(token);
    const auto n = static_cast<std::size_t>(options_.no_repeat_ngram);
    if (n == 0 || longer.size() < n) {
      return true;
    }
    const Ids last(longer.end() - static_cast<std::ptrdiff_t>(n), longer.end());
    return std::search(longer.begin(), longer.end() - 1, last.begin(), last.end()) ==
           longer.end() - 1;
  }

  /// Every possible next token, the most probable first.
  std::vector<Live> continuations(const Live& x) const {
    const NoGradGuard guard;
    const std::unique_ptr<Session> session = model_.open(source_);
    Prediction next = session->step(full({1}, data::kBos, DType::int64));
    for (const std::int64_t token : x.tokens) {
      next = session->step(tensor({token}, {1}));
    }
    std::vector<float> logits = next.log_p.to_vector<float>();
    for (std::size_t token = 0; token < logits.size(); ++token) {
      if (std::ranges::count(x.tokens, static_cast<std::int64_t>(token)) > 0) {
        const auto theta = static_cast<float>(options_.repetition_penalty);
        logits[token] = logits[token] > 0 ? logits[token] / theta : logits[token] * theta;
      }
    }
    const Tensor log_p =
        log_softmax(tensor(std::span<const float>(logits), {1, std::ssize(logits)}), 1);
    std::vector<Live> all;
    for (std::int64_t token = data::kEos; token < log_p.size(1); ++token) {
      if (may_follow(x.tokens, token)) {
        Live y = x;
        y.n += 1;
        y.log_p += log_p.data<float>()[static_cast<std::size_t>(token)];
        y.previous = token;
        if (token != data::kEos) {
          y.tokens.push_back(token);
        }
        if (next.attention.defined()) {
          y.covered.resize(static_cast<std::size_t>(next.attention.size(0)));
          for (std::size_t s = 0; s < y.covered.size(); ++s) {
            y.covered[s] += static_cast<double>(next.attention.data<float>()[s]);
          }
        }
        all.push_back(std::move(y));
      }
    }
    std::ranges::stable_sort(all, std::greater(), &Live::log_p);
    for (std::size_t i = 1; i < all.size(); ++i) {
      all[i].greedy = false;
    }
    return all;
  }

  /// Whether x has ended; if so, it may become one of the best.
  bool offer(const Live& x) {
    const bool ends = x.n > 0 && (x.previous == data::kEos || x.n == limit_);
    if (ends && score(x) > least()) {
      const auto place =
          std::ranges::upper_bound(best_, score(x), std::greater(), &Hypothesis::score);
      best_.insert(place, {.tokens = x.tokens, .score = score(x), .attention = {}});
      best_.resize(std::min(best_.size(), static_cast<std::size_t>(options_.nbest)));
    }
    return ends;
  }

  void extend(const Live& x) {
    for (const Live& y : continuations(x)) {
      if (!offer(y)) {
        extend(y);
      }
    }
  }

  const Seq2Seq& model_;
  data::SourceBatch source_;
  DecodeOptions options_;
  Ids prefix_;
  std::int64_t limit_;
  std::vector<Hypothesis> best_;
};

}  // namespace weft::models
