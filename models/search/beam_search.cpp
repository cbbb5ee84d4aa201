#include "models/search/beam_search.hpp"

#include <algorithm>
#include <limits>

#include "data/text/vocabulary.hpp"
#include "models/search/penalties.hpp"

namespace weft::models {
namespace {

constexpr std::int64_t kNone = -1;
constexpr double kImpossible = -std::numeric_limits<double>::infinity();

}  // namespace

BeamSearch::BeamSearch(const DecodeOptions& options, Sentence sentence)
    : options_(options),
      sentence_(std::move(sentence)),
      places_(options.beam),
      live_{{.link = kNone, .log_p = 0, .greedy = true, .kept = true}} {}

std::int64_t BeamSearch::last_token(std::int64_t row) const {
  const std::int64_t link = live_[static_cast<std::size_t>(row)].link;
  return link == kNone ? data::kBos : at(link).token;
}

History BeamSearch::history(std::int64_t row, std::int64_t most) const {
  return {sentence_.prefix, last_tokens(live_[static_cast<std::size_t>(row)].link, most), length_};
}

void BeamSearch::advance(const NextTokens& next, std::int64_t first,
                         std::vector<std::int64_t>& parents) {
  ++length_;
  const std::vector<Choice> choices = choose(next, first);
  if (choices.empty() && best_.empty()) {
    return end_here();
  }
  const std::int64_t width = places_;
  std::vector<Live> going;
  std::vector<std::int64_t> continued;  // for each of them, the row of `live_` that it continues
  for (std::int64_t i = 0; i < std::ssize(choices); ++i) {
    const Choice& choice = choices[static_cast<std::size_t>(i)];
    const bool kept = i < width;
    const std::int64_t link = add_link(choice, next, first);
    if (choice.token == data::kEos || length_ == sentence_.limit) {
      places_ -= kept && choice.token == data::kEos ? 1 : 0;
      offer(link, choice.log_p);
      continue;
    }
    going.push_back({link, choice.log_p, choice.greedy, kept});
    continued.push_back(choice.row);
  }
  live_.clear();
  const double least = least_score();
  for (std::size_t i = 0; i < going.size(); ++i) {
    if (score_bound(options_, going[i].log_p, length_, sentence_.limit) > least) {
      live_.push_back(going[i]);
      parents.push_back(first + continued[i]);
    }
  }
}

/// Ends the search where the constraints allow no token at all, with what there is.
void BeamSearch::end_here() {
  --length_;
  for (const Live& x : live_) {
    if (x.link != kNone) {
      offer(x.link, x.log_p);
    }
  }
  live_.clear();
}

/// The continuations to keep: as many of the best as there are places in the beam, and the greedy
/// one if it is not among them.
std::vector<BeamSearch::Choice> BeamSearch::choose(const NextTokens& next,
                                                   std::int64_t first) const {
  std::vector<Choice> choices;
  std::vector<Choice> outside;  // the greedy continuation, if it is outside the beam
  for (std::int64_t row = 0; row < rows(); ++row) {
    const Live& x = live_[static_cast<std::size_t>(row)];
    for (std::int64_t i = 0; i < (x.kept ? next.candidates() : 1); ++i) {
      const Choice choice{row, next.candidate(first + row, i),
                          x.log_p + next.candidate_log_p(first + row, i), x.greedy && i == 0};
      if (choice.log_p > kImpossible) {
        (x.kept ? choices : outside).push_back(choice);
      }
    }
  }
  std::ranges::stable_sort(choices, std::greater{}, &Choice::log_p);
  const auto places = static_cast<std::size_t>(places_);
  for (std::size_t i = places; i < choices.size(); ++i) {
    if (choices[i].greedy) {
      outside.push_back(choices[i]);
    }
  }
  choices.resize(std::min(choices.size(), places));
  choices.insert(choices.end(), outside.begin(), outside.end());
  return choices;
}

std::int64_t BeamSearch::add_link(const Choice& choice, const NextTokens& next,
                                  std::int64_t first) {
  Link link{choice.token, live_[static_cast<std::size_t>(choice.row)].link, {}};
  if (next.attends() && (options_.attention || options_.coverage_penalty > 0)) {
    link.attention = next.attention(first + choice.row, sentence_.source_length);
  }
  links_.push_back(std::move(link));
  return std::ssize(links_) - 1;
}

/// The score that a translation must exceed to be among the n best.
double BeamSearch::least_score() const {
  return std::ssize(best_) < options_.nbest ? kImpossible : best_.back().score;
}

/// Adds the translation that ends in `link` to the n best if its score suffices.
void BeamSearch::offer(std::int64_t link, double log_p) {
  Hypothesis found{.tokens = last_tokens(link, length_),
                   .score = length_score(options_, log_p, length_),
                   .attention = attention_along(link)};
  found.score += coverage(options_, found.attention);
  if (!(found.score > least_score())) {
    return;
  }
  if (found.tokens.back() == data::kEos) {
    found.tokens.pop_back();
  }
  found.attention.resize(options_.attention ? std::min(found.tokens.size(), found.attention.size())
                                            : 0);
  const auto place =
      std::ranges::upper_bound(best_, found.score, std::greater(), &Hypothesis::score);
  best_.insert(place, std::move(found));
  best_.resize(std::min(best_.size(), static_cast<std::size_t>(options_.nbest)));
}

/// The last tokens up to `link`: `most` of them, or all.
std::vector<std::int64_t> BeamSearch::last_tokens(std::int64_t link, std::int64_t most) const {
  std::vector<std::int64_t> tokens;
  for (; link != kNone && std::ssize(tokens) < most; link = at(link).previous) {
    tokens.push_back(at(link).token);
  }
  std::ranges::reverse(tokens);
  return tokens;
}

/// The attention of each token up to `link`, if recorded.
std::vector<std::vector<float>> BeamSearch::attention_along(std::int64_t link) const {
  std::vector<std::vector<float>> all;
  for (; link != kNone && !at(link).attention.empty(); link = at(link).previous) {
    all.push_back(at(link).attention);
  }
  std::ranges::reverse(all);
  return all;
}

std::vector<Hypothesis> BeamSearch::take() {
  if (best_.empty()) {
    best_.push_back({.tokens = {}, .score = kImpossible, .attention = {}});
  }
  return std::move(best_);
}

}  // namespace weft::models
