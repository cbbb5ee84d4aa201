#include "data/batches.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <tuple>
#include <utility>

#include "autograd/error.hpp"
#include "autograd/ops.hpp"
#include "autograd/random.hpp"

namespace weft::data {
namespace {

using Ids = std::vector<std::int64_t>;
using Rows = std::vector<std::int64_t>;

constexpr std::int64_t kBatchesPerPool = 100;
/// Separates the shuffles from everything else drawn from the same seed ("shuffle" in ASCII).
constexpr std::uint64_t kShuffleStream = 0x73687566666C65;

std::int64_t length(const Ids& ids) { return static_cast<std::int64_t>(ids.size()); }

const SentencePair& at(std::span<const SentencePair> corpus, std::int64_t row) {
  return corpus[static_cast<std::size_t>(row)];
}

Generator shuffle_generator(std::uint64_t seed, std::uint64_t epoch) {
  const auto words = philox(seed, kShuffleStream, epoch);
  return Generator((std::uint64_t{words[0]} << 32) | words[1]);
}

/// Fisher and Yates, in Durstenfeld's form (1964).
template <class T>
void shuffle(std::span<T> items, Generator& generator) {
  for (std::size_t i = items.size(); i > 1; --i) {
    std::swap(items[i - 1],
              items[static_cast<std::size_t>(generator.integer(static_cast<std::int64_t>(i)))]);
  }
}

Rows all_rows(std::span<const SentencePair> corpus) {
  Rows rows(corpus.size());
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  return rows;
}

void sort_by_length(std::span<const SentencePair> corpus, std::span<std::int64_t> rows) {
  std::stable_sort(rows.begin(), rows.end(), [corpus](std::int64_t a, std::int64_t b) {
    const SentencePair& x = at(corpus, a);
    const SentencePair& y = at(corpus, b);
    return std::tuple(x.target.size(), x.source.size()) <
           std::tuple(y.target.size(), y.source.size());
  });
}

/// What a pair contributes to the size of a batch without padding.
std::int64_t cost(const SentencePair& pair, BatchSize size) {
  return size.target_tokens > 0 ? length(pair.target) + 1 : 1;
}

/// Returns the end of the pool that begins at `begin`; the pool has the cost of `kBatchesPerPool`
/// full batches.
std::size_t pool_end(std::span<const SentencePair> corpus, const Rows& rows, std::size_t begin,
                     BatchSize size) {
  std::int64_t total = 0;
  std::size_t end = begin;
  while (end < rows.size() && total / kBatchesPerPool < size.limit()) {
    total += cost(at(corpus, rows[end]), size);
    ++end;
  }
  return end;
}

/// Splits rows sorted by target length into batches; the cost of a batch is B times that of its
/// longest target.
BatchPlan cut(std::span<const SentencePair> corpus, std::span<const std::int64_t> rows,
              BatchSize size) {
  BatchPlan batches;
  for (const std::int64_t row : rows) {
    const std::int64_t longest = cost(at(corpus, row), size);
    if (batches.empty() || (length(batches.back()) + 1) * longest > size.limit()) {
      batches.emplace_back();
    }
    batches.back().push_back(row);
  }
  for (Rows& batch : batches) {
    std::stable_sort(batch.begin(), batch.end(), [corpus](std::int64_t a, std::int64_t b) {
      return at(corpus, a).source.size() > at(corpus, b).source.size();
    });
  }
  return batches;
}

void check(BatchSize size) {
  if (size.limit() < 1) {
    fail("batches: batch size too small; got {}; expected at least 1", size.limit());
  }
}

/// The sequences as columns, padded at the end: [longest, B].
Tensor pad(std::span<const Ids> sequences) {
  std::size_t longest = 0;
  for (const Ids& sequence : sequences) {
    longest = std::max(longest, sequence.size());
  }
  const std::size_t columns = sequences.size();
  Ids padded(longest * columns, kPad);
  for (std::size_t b = 0; b < columns; ++b) {
    for (std::size_t t = 0; t < sequences[b].size(); ++t) {
      padded[t * columns + b] = sequences[b][t];
    }
  }
  return tensor(padded, {static_cast<std::int64_t>(longest), static_cast<std::int64_t>(columns)});
}

Tensor lengths_of(std::span<const Ids> sequences) {
  Ids lengths;
  for (const Ids& sequence : sequences) {
    lengths.push_back(length(sequence));
  }
  return tensor(lengths, {length(lengths)});
}

void check_not_empty(const Rows& rows) {
  if (rows.empty()) {
    fail("batches: the batch is empty; expected at least one sentence");
  }
}

SourceBatch pad_sources(std::span<const Ids> sequences, const Rows& rows) {
  check_not_empty(rows);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (sequences[i].empty()) {
      fail("batches: sentence {} is empty; expected at least one token", rows[i]);
    }
  }
  return {pad(sequences), lengths_of(sequences)};
}

}  // namespace

BatchPlan plan_training(std::span<const SentencePair> corpus, BatchSize size, std::uint64_t seed,
                        std::uint64_t epoch) {
  check(size);
  Generator generator = shuffle_generator(seed, epoch);
  Rows rows = all_rows(corpus);
  shuffle(std::span(rows), generator);
  BatchPlan plan;
  for (std::size_t begin = 0; begin < rows.size();) {
    const std::size_t end = pool_end(corpus, rows, begin, size);
    const auto pool = std::span(rows).subspan(begin, end - begin);
    sort_by_length(corpus, pool);
    BatchPlan batches = cut(corpus, pool, size);
    shuffle(std::span(batches), generator);
    std::move(batches.begin(), batches.end(), std::back_inserter(plan));
    begin = end;
  }
  return plan;
}

BatchPlan plan_evaluation(std::span<const SentencePair> corpus, BatchSize size) {
  check(size);
  Rows rows = all_rows(corpus);
  sort_by_length(corpus, rows);
  return cut(corpus, rows, size);
}

Batch make_batch(SourceBatch sources, std::span<const std::vector<std::int64_t>> targets) {
  if (sources.source_lengths.size(0) != std::ssize(targets)) {
    fail("batches: got {} sources and {} targets; expected one target per source",
         sources.source_lengths.size(0), targets.size());
  }
  std::vector<Ids> inputs(targets.begin(), targets.end());
  std::vector<Ids> outputs = inputs;
  std::int64_t target_tokens = 0;
  for (std::size_t b = 0; b < targets.size(); ++b) {
    inputs[b].insert(inputs[b].begin(), kBos);
    outputs[b].push_back(kEos);
    target_tokens += length(outputs[b]);
  }
  return {std::move(sources.source), std::move(sources.source_lengths), pad(inputs), pad(outputs),
          target_tokens};
}

Batch make_batch(std::span<const SentencePair> corpus, const std::vector<std::int64_t>& rows) {
  std::vector<Ids> sources;
  std::vector<Ids> targets;
  for (const std::int64_t row : rows) {
    sources.push_back(at(corpus, row).source);
    targets.push_back(at(corpus, row).target);
  }
  return make_batch(pad_sources(sources, rows), targets);
}

SourceBatch make_source_batch(std::span<const std::vector<std::int64_t>> sources,
                              const std::vector<std::int64_t>& rows) {
  std::vector<Ids> sequences;
  sequences.reserve(rows.size());
  for (const std::int64_t row : rows) {
    sequences.push_back(sources[static_cast<std::size_t>(row)]);
  }
  return pad_sources(sequences, rows);
}

SourceBatch make_source_batch(std::span<const Tensor> frames,
                              const std::vector<std::int64_t>& rows) {
  check_not_empty(rows);
  Ids lengths;
  for (const std::int64_t row : rows) {
    const Tensor& x = frames[static_cast<std::size_t>(row)];
    if (x.dim() != 2 || x.numel() == 0 || x.size(1) != frames[0].size(1)) {
      fail("batches: wrong frames of source {}; got {}; expected [S, F], S > 0 and F that of all",
           row, x.shape());
    }
    lengths.push_back(x.size(0));
  }
  const std::int64_t longest = *std::ranges::max_element(lengths);
  std::vector<Tensor> columns;
  for (std::size_t b = 0; b < rows.size(); ++b) {
    const Tensor& x = frames[static_cast<std::size_t>(rows[b])];
    columns.push_back(lengths[b] == longest
                          ? x
                          : cat({x, zeros({longest - lengths[b], x.size(1)}, x.dtype())}, 0));
  }
  return {stack(columns, 1), tensor(lengths, {length(lengths)})};  // [S, B, F]
}

}  // namespace weft::data
