#include "models/key_value_cache.hpp"

#include <algorithm>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"

namespace weft::models {

KeyValueCache::KeyValueCache(std::int64_t layers, std::vector<std::vector<KeyPlace>> paths,
                             const LookUpColumns& columns)
    : columns_(columns), paths_(std::move(paths)), chunks_(static_cast<std::size_t>(layers)) {}

void KeyValueCache::extend() {
  const auto chunk = static_cast<std::int32_t>(chunks());
  for (std::size_t n = 0; n < paths_.size(); ++n) {
    paths_[n].push_back({chunk, static_cast<std::int32_t>(n)});
  }
}

void KeyValueCache::add(std::size_t layer, const Tensor& chunk) { chunks_[layer].push_back(chunk); }

LookedUp KeyValueCache::attend(std::size_t layer, const Tensor& query, std::int64_t S) const {
  const bool recorded =
      grad_enabled() &&
      (query.requires_grad() || std::ranges::any_of(chunks_[layer], &Tensor::requires_grad));
  if (recorded) {
    return {.output = attend_recorded(layer, query), .weights = {}};
  }
  return look_up(query, chunks_[layer], paths_, columns_, S);
}

/// The same by ops with gradients: keys and values are gathered, and padded to the longest path.
Tensor KeyValueCache::attend_recorded(std::size_t layer, const Tensor& query) const {
  const std::int64_t N = std::ssize(paths_);
  const std::int64_t heads = columns_.heads;
  std::vector<std::int64_t> firsts;  // of each chunk, among the rows of all
  std::int64_t total = 0;
  for (const Tensor& chunk : chunks_[layer]) {
    firsts.push_back(total);
    total += chunk.size(0);
  }
  std::vector<std::int64_t> lengths;
  std::ranges::transform(paths_, std::back_inserter(lengths),
                         [](const std::vector<KeyPlace>& path) { return std::ssize(path); });
  const std::int64_t S = std::ranges::max(lengths);
  std::vector<std::int64_t> ids;
  for (const std::vector<KeyPlace>& path : paths_) {
    for (const KeyPlace place : path) {
      ids.push_back(firsts[static_cast<std::size_t>(place.chunk)] + place.row);
    }
    ids.resize(ids.size() + static_cast<std::size_t>(S) - path.size(), 0);
  }
  const Tensor tokens =
      index_select(cat(chunks_[layer], 0), 0, tensor(ids, {std::ssize(ids)}));  // [N S, width]
  const auto heads_of = [&](const Tensor& x, std::int64_t column) {
    const Tensor part = narrow(x, 1, column, columns_.E);
    return permute(reshape(part, {N, -1, heads, columns_.E / heads}), {0, 2, 1, 3});
  };
  const Tensor q = heads_of(query, 0);                // [N, heads, 1, d]
  const Tensor k = heads_of(tokens, columns_.key);    // [N, heads, S, d]
  const Tensor v = heads_of(tokens, columns_.value);  // [N, heads, S, d]
  return reshape(scaled_dot_product_attention(q, k, v, {.lengths = tensor(lengths, {N})}),
                 {N, columns_.E});
}

void KeyValueCache::select(const Tensor& rows) {
  std::vector<std::vector<KeyPlace>> selected;
  for (const std::int64_t row : rows.data<std::int64_t>()) {
    selected.push_back(paths_[static_cast<std::size_t>(row)]);
  }
  paths_ = std::move(selected);
  drop_unused();
}

void KeyValueCache::join(const KeyValueCache& other) {
  const auto first = static_cast<std::int32_t>(chunks());
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    chunks_[i].insert(chunks_[i].end(), other.chunks_[i].begin(), other.chunks_[i].end());
  }
  for (std::vector<KeyPlace> path : other.paths_) {
    for (KeyPlace& place : path) {
      place.chunk += first;
    }
    paths_.push_back(std::move(path));
  }
}

void KeyValueCache::drop_unused() {
  if (chunks() < many_) {
    return;
  }
  std::vector<std::int32_t> places(chunks(), -1);  // new index of each chunk, -1: unused
  for (const std::vector<KeyPlace>& path : paths_) {
    for (const KeyPlace place : path) {
      places[static_cast<std::size_t>(place.chunk)] = 0;
    }
  }
  std::int32_t used = 0;
  for (std::size_t chunk = 0; chunk < places.size(); ++chunk) {
    if (places[chunk] < 0) {
      continue;
    }
    for (std::vector<Tensor>& layer : chunks_) {
      layer[static_cast<std::size_t>(used)] = layer[chunk];
    }
    places[chunk] = used++;
  }
  for (std::vector<Tensor>& layer : chunks_) {
    layer.resize(static_cast<std::size_t>(used));
  }
  for (std::vector<KeyPlace>& path : paths_) {
    for (KeyPlace& place : path) {
      place.chunk = places[static_cast<std::size_t>(place.chunk)];
    }
  }
  many_ = std::max<std::size_t>(2 * chunks(), 32);
}

}  // namespace weft::models
