#include "models/search/decode.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "data/settings/settings.hpp"
#include "data/text/vocabulary.hpp"
#include "models/search/beam.hpp"
#include "models/search/constraints.hpp"
#include "models/search/sampling.hpp"
#include "models/search/scores.hpp"

namespace weft::models {
namespace {

/// The most probable tokens [B] that may stand in a translation: <pad> and <bos> may not.
Tensor best_tokens(const Tensor& logits) {
  constexpr std::int64_t kFirst = data::kEos;
  Tensor ids = argmax(narrow(logits, 1, kFirst, logits.size(1) - kFirst));
  for (std::int64_t& id : ids.mutable_data<std::int64_t>()) {
    id += kFirst;
  }
  return ids;
}

/// Greedy search and sampling: a sentence has one hypothesis, which takes a token a step.
class TokenByToken {
 public:
  TokenByToken(const DecodeOptions& options, const SentenceOptions& sentences,
               std::span<const std::int64_t> source_lengths)
      : options_(options),
        sentences_(sentences),
        constraints_(options, sentences),
        source_lengths_(source_lengths),
        found_(source_lengths.size()),
        live_(arange(std::ssize(source_lengths)).to_vector<std::int64_t>()) {}

  const std::vector<std::int64_t>& live() const { return live_; }
  std::vector<Hypothesis> take() { return std::move(found_); }

  /// The next token [N] of each live sentence; notes it. logits [N, V], attention [S, N] or
  /// undefined.
  Tensor choose(Tensor logits, const Tensor& attention) {
    Tensor normalizers;  // [N]
    std::vector<History> histories;
    if (constraints_.active()) {
      histories = all_histories();
      logits = logits.clone();
      constraints_.penalize(logits, histories);
    }
    if (options_.scores) {
      normalizers = logsumexp(logits, 1);
    }
    constraints_.exclude(logits, histories);
    const Tensor tokens = options_.temperature > 0 ? draw(logits) : best_tokens(logits);
    for (std::size_t row = 0; row < live_.size(); ++row) {
      Hypothesis& own = at(live_[row]);
      const std::int64_t token = tokens.data<std::int64_t>()[row];
      if (options_.scores) {  // log p; `finish` divides it
        own.score += static_cast<double>(logits.data<float>()[index(logits, row, token)]) -
                     static_cast<double>(normalizers.data<float>()[row]);
      }
      if (token != data::kEos) {
        own.tokens.push_back(token);
        note_attention(own, attention, row);
      }
    }
    return tokens;
  }

  /// The rows of the batch that go on; their sentences are live then.
  std::vector<std::int64_t> advance(const Tensor& tokens) {
    std::vector<std::int64_t> rows;
    std::vector<std::int64_t> still_live;
    for (std::size_t row = 0; row < live_.size(); ++row) {
      Hypothesis& own = at(live_[row]);
      const bool ends = tokens.data<std::int64_t>()[row] == data::kEos;
      if (!ends && std::ssize(own.tokens) < limit(live_[row])) {
        rows.push_back(static_cast<std::int64_t>(row));
        still_live.push_back(live_[row]);
      } else if (options_.scores) {
        own.score = length_score(options_, own.score, std::ssize(own.tokens) + (ends ? 1 : 0));
      }
    }
    live_ = std::move(still_live);
    return rows;
  }

 private:
  static std::size_t index(const Tensor& logits, std::size_t row, std::int64_t token) {
    return row * static_cast<std::size_t>(logits.size(1)) + static_cast<std::size_t>(token);
  }
  Hypothesis& at(std::int64_t sentence) { return found_[static_cast<std::size_t>(sentence)]; }
  std::int64_t source_length(std::int64_t sentence) const {
    return source_lengths_[static_cast<std::size_t>(sentence)];
  }
  std::int64_t limit(std::int64_t sentence) const {
    return constraints_.limit(sentence, source_length(sentence));
  }

  std::vector<History> all_histories() {
    std::vector<History> histories;
    for (const std::int64_t sentence : live_) {
      histories.push_back({sentence, at(sentence).tokens});
    }
    return histories;
  }

  Tensor draw(const Tensor& logits) {
    const auto V = static_cast<std::size_t>(logits.size(1));
    std::vector<std::int64_t> tokens;
    for (std::size_t row = 0; row < live_.size(); ++row) {
      const auto sentence = static_cast<std::size_t>(live_[row]);
      const std::uint64_t key = sentences_.keys.empty() ? sentence : sentences_.keys[sentence];
      const double u = draw_number(options_, key, std::ssize(found_[sentence].tokens));
      tokens.push_back(draw_token(logits.data<float>().subspan(row * V, V), options_, u));
    }
    return tensor(tokens, {std::ssize(tokens)});
  }

  void note_attention(Hypothesis& own, const Tensor& attention, std::size_t row) const {
    if (options_.attention && attention.defined()) {
      own.attention.push_back(
          attention_of(attention, static_cast<std::int64_t>(row), source_length(live_[row])));
    }
  }

  const DecodeOptions& options_;
  const SentenceOptions& sentences_;
  Constraints constraints_;
  std::span<const std::int64_t> source_lengths_;
  std::vector<Hypothesis> found_;
  std::vector<std::int64_t> live_;
};

std::vector<Hypothesis> token_by_token(const Seq2Seq& model, const data::SourceBatch& batch,
                                       const DecodeOptions& options,
                                       const SentenceOptions& sentences) {
  const NoGradGuard guard;
  TokenByToken search(options, sentences, batch.source_lengths.data<std::int64_t>());
  Memory memory = model.encode(batch.source, batch.source_lengths);
  State state = model.start(memory);
  Tensor tokens = full({std::ssize(search.live())}, data::kBos, DType::int64);
  while (!search.live().empty()) {
    Step next = model.step(memory, state, tokens);
    tokens = search.choose(model.project(next.features), next.attention);
    state = std::move(next.state);
    const std::vector<std::int64_t> rows = search.advance(tokens);
    if (std::ssize(rows) < tokens.size(0) && !rows.empty()) {
      const Tensor kept = tensor(rows, {std::ssize(rows)});
      memory.rows = tensor(search.live(), {std::ssize(search.live())});
      state = reorder(state, kept);
      tokens = index_select(tokens, 0, kept);
    }
  }
  return search.take();
}

}  // namespace

void validate(const DecodeOptions& options) {
  data::SettingsView(options).check_ranges("search");
  if (!(options.top_p > 0)) {
    fail("search: top_p out of range; got {}; expected more than 0", options.top_p);
  }
  if (options.nbest < 1) {
    fail("search: nbest out of range; got {}; expected at least 1", options.nbest);
  }
  if (options.nbest > options.beam) {
    fail("search: more translations than the beam keeps; got nbest {}; expected at most {}",
         options.nbest, options.beam);
  }
  if (options.temperature > 0 && options.beam > 1) {
    fail("search: tokens are drawn for one hypothesis; got beam {}; expected 1", options.beam);
  }
  if (options.max_length > 0 && options.min_length > options.max_length) {
    fail("search: the least length is above the largest; got {}; expected at most {}",
         options.min_length, options.max_length);
  }
}

std::int64_t length_limit(const DecodeOptions& options, std::int64_t source_length) {
  const std::int64_t usual = std::max(2 * source_length + 10, options.min_length);
  return options.max_length > 0 ? options.max_length : usual;
}

std::vector<float> attention_of(const Tensor& attention, std::int64_t row, std::int64_t length) {
  std::vector<float> weights;
  for (std::int64_t s = 0; s < length; ++s) {
    weights.push_back(
        attention.data<float>()[static_cast<std::size_t>(s * attention.size(1) + row)]);
  }
  return weights;
}

std::vector<std::vector<Hypothesis>> decode(const Seq2Seq& model, const data::SourceBatch& batch,
                                            const DecodeOptions& options,
                                            const SentenceOptions& sentences) {
  validate(options);
  if (options.beam > 1) {
    return beam_search(model, batch, options, sentences);
  }
  std::vector<std::vector<Hypothesis>> results;
  for (Hypothesis& hypothesis : token_by_token(model, batch, options, sentences)) {
    results.push_back({std::move(hypothesis)});
  }
  return results;
}

std::vector<std::vector<std::int64_t>> greedy(const Seq2Seq& model, const data::SourceBatch& batch,
                                              const DecodeOptions& options) {
  std::vector<std::vector<std::int64_t>> results;
  for (Hypothesis& hypothesis : token_by_token(model, batch, options, {})) {
    results.push_back(std::move(hypothesis.tokens));
  }
  return results;
}

}  // namespace weft::models
