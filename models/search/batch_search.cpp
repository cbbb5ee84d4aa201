#include "models/search/batch_search.hpp"

#include <cmath>
#include <numeric>

#include "autograd/tape.hpp"
#include "models/not_finite.hpp"
#include "models/search/beam_search.hpp"
#include "models/search/greedy_search.hpp"

namespace weft::models {
namespace {

/// Whether a selection from N rows keeps every row in its place.
bool keeps_all(const std::vector<std::int64_t>& rows, std::int64_t N) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(N));
  std::iota(all.begin(), all.end(), 0);
  return rows == all;
}

/// Throws Error unless the per-sentence values are empty or there is one for each sentence.
void check_one_each(std::string_view what, std::size_t given, std::size_t sentences) {
  if (given != 0 && given != sentences) {
    fail("search: got {} {}; expected none, or one for each of {} sentences", given, what,
         sentences);
  }
}

}  // namespace

Method method_of(const DecodeOptions& options) {
  return options.beam > 1 ? Method::beam : Method::greedy;
}

BatchSearch::BatchSearch(const Seq2Seq& model, const DecodeOptions& options)
    : BatchSearch(model, options, method_of(options)) {}

BatchSearch::BatchSearch(const Seq2Seq& model, const DecodeOptions& options, Method method,
                         const data::LineRules& rules)
    : model_(model), options_(options), constraints_(options, rules), method_(method) {
  validate(options);
}

void BatchSearch::add(const data::SourceBatch& batch, const SentenceOptions& sentences) {
  const NoGradGuard guard;
  const std::span<const std::int64_t> lengths = batch.source_lengths.data<std::int64_t>();
  check_one_each("prefixes", sentences.prefixes.size(), lengths.size());
  check_one_each("keys", sentences.keys.size(), lengths.size());
  std::unique_ptr<Session> session = model_.open(batch);
  if (session_) {
    session_->join(std::move(session));
  } else {
    session_ = std::move(session);
  }
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    Sentence sentence{.source_length = lengths[i],
                      .limit = 0,
                      .prefix = {},
                      .key = static_cast<std::uint64_t>(added_)};
    if (!sentences.prefixes.empty()) {
      sentence.prefix = sentences.prefixes[i];
      prefixed_ = true;
    }
    if (!sentences.keys.empty()) {
      sentence.key = sentences.keys[i];
    }
    sentence.limit = constraints_.limit(sentence.prefix, sentence.source_length);
    live_.push_back({added_++, make(std::move(sentence))});
  }
}

std::unique_ptr<SentenceSearch> BatchSearch::make(Sentence sentence) const {
  if (method_ == Method::beam) {
    return std::make_unique<BeamSearch>(options_, std::move(sentence));
  }
  return std::make_unique<GreedySearch>(options_, std::move(sentence));
}

std::int64_t BatchSearch::rows() const {
  return std::accumulate(
      live_.begin(), live_.end(), std::int64_t{0},
      [](std::int64_t sum, const Live& sentence) { return sum + sentence.search->rows(); });
}

Tensor BatchSearch::last_tokens() const {
  std::vector<std::int64_t> tokens;
  for (const Live& sentence : live_) {
    for (std::int64_t row = 0; row < sentence.search->rows(); ++row) {
      tokens.push_back(sentence.search->last_token(row));
    }
  }
  return tensor(tokens, {std::ssize(tokens)});  // [N]
}

NextTokens BatchSearch::next_tokens() {
  auto [log_p, attention] = session_->step(last_tokens());
  std::vector<History> histories;
  if (constraints_.active() || prefixed_) {
    for (const Live& sentence : live_) {
      for (std::int64_t row = 0; row < sentence.search->rows(); ++row) {
        histories.push_back(sentence.search->history(row, constraints_.reach()));
      }
    }
    constraints_.penalize(log_p, histories);
  }
  // over all tokens: excluding some does not make the others more probable
  Tensor normalizers;  // [N]
  if (method_ == Method::beam || options_.scores) {
    normalizers = logsumexp(log_p, 1);
  }
  constraints_.exclude(log_p, histories);
  NextTokens next(std::move(log_p), std::move(normalizers), std::move(attention));
  if (method_ == Method::beam) {
    next.find_top(options_.beam);
  } else {
    next.find_best();
  }
  check_finite(next);
  return next;
}

void BatchSearch::check_finite(const NextTokens& next) const {
  const bool may_exclude_all = !next.normalized() && (constraints_.active() || prefixed_);
  std::int64_t row = 0;
  for (const Live& sentence : live_) {
    for (std::int64_t i = 0; i < sentence.search->rows(); ++i, ++row) {
      const double level = next.level(row);
      if (!std::isfinite(level) && !(may_exclude_all && level < 0)) {
        throw NotFinitePrediction(
            fmt::format("search: log-probabilities not finite at step {}; got {}; expected finite "
                        "ones; hint: the model's weights are damaged or too large",
                        sentence.search->length() + 1, level),
            sentence.number);
      }
    }
  }
}

void BatchSearch::step() {
  if (!session_) {
    return;
  }
  const NoGradGuard guard;
  const NextTokens next = next_tokens();
  std::vector<std::int64_t> parents;  // for each new row, the row of this step that it continues
  std::vector<Live> going;
  std::int64_t first = 0;
  for (Live& sentence : live_) {
    const std::int64_t rows = sentence.search->rows();
    sentence.search->advance(next, first, parents);
    first += rows;
    if (sentence.search->rows() > 0) {
      going.push_back(std::move(sentence));
    } else {
      found_.emplace_back(sentence.number, sentence.search->take());
    }
  }
  live_ = std::move(going);
  if (live_.empty()) {
    session_.reset();
  } else if (!keeps_all(parents, first)) {
    session_->select(tensor(parents, {std::ssize(parents)}));
  }
}

std::vector<BatchSearch::Found> BatchSearch::take() { return std::exchange(found_, {}); }

}  // namespace weft::models
