#include "models/decode.hpp"

#include "autograd/tape.hpp"
#include "data/vocabulary.hpp"
#include "models/beam.hpp"

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

}  // namespace

std::int64_t length_limit(const DecodeOptions& options, std::int64_t source_length) {
  return options.max_length > 0 ? options.max_length : 2 * source_length + 10;
}

std::vector<std::vector<std::int64_t>> decode(const Seq2Seq& model, const data::SourceBatch& batch,
                                              const DecodeOptions& options) {
  if (options.beam == 1) {
    return greedy(model, batch, options);
  }
  std::vector<std::vector<std::int64_t>> results;
  for (Hypothesis& hypothesis : beam_search(model, batch, options)) {
    results.push_back(std::move(hypothesis.tokens));
  }
  return results;
}

std::vector<std::vector<std::int64_t>> greedy(const Seq2Seq& model, const data::SourceBatch& batch,
                                              const DecodeOptions& options) {
  const NoGradGuard guard;
  const std::span<const std::int64_t> lengths = batch.source_lengths.data<std::int64_t>();
  std::vector<std::vector<std::int64_t>> results(lengths.size());
  const auto limit = [&](std::int64_t sentence) {
    return length_limit(options, lengths[static_cast<std::size_t>(sentence)]);
  };

  Memory memory = model.encode(batch.source, batch.source_lengths);
  State state = model.start(memory);
  std::vector<std::int64_t> live = arange(std::ssize(lengths)).to_vector<std::int64_t>();
  Tensor tokens = full({std::ssize(live)}, data::kBos, DType::int64);
  while (!live.empty()) {
    Step next = model.step(memory, state, tokens);
    tokens = best_tokens(model.project(next.features));
    state = std::move(next.state);

    std::vector<std::int64_t> rows;  // of the batch as it is now, that go on
    std::vector<std::int64_t> still_live;
    for (std::size_t row = 0; row < live.size(); ++row) {
      const std::int64_t token = tokens.data<std::int64_t>()[row];
      std::vector<std::int64_t>& result = results[static_cast<std::size_t>(live[row])];
      if (token != data::kEos) {
        result.push_back(token);
      }
      if (token != data::kEos && std::ssize(result) < limit(live[row])) {
        rows.push_back(static_cast<std::int64_t>(row));
        still_live.push_back(live[row]);
      }
    }
    if (rows.size() < live.size() && !rows.empty()) {
      const Tensor kept = tensor(rows, {std::ssize(rows)});
      memory.rows = tensor(still_live, {std::ssize(still_live)});
      state = reorder(state, kept);
      tokens = index_select(tokens, 0, kept);
    }
    live = std::move(still_live);
  }
  return results;
}

}  // namespace weft::models
