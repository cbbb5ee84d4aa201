#include "autograd/kernels/look_up.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/kernels/elementwise.hpp"
#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/kernels/workspace.hpp"

namespace weft {
namespace {

std::int64_t longest_of(std::span<const std::vector<KeyPlace>> paths) {
  std::size_t length = 0;
  for (const std::vector<KeyPlace>& path : paths) {
    length = std::max(length, path.size());
  }
  return static_cast<std::int64_t>(length);
}

std::int64_t padded(std::int64_t n) {
  return (n + kernels::kLookUpLanes - 1) / kernels::kLookUpLanes * kernels::kLookUpLanes;
}

/// Rows of queries; their chunks by the addresses of the first key.
template <class T>
struct Rows {
  std::vector<const T*> chunks;
  std::vector<std::int64_t> widths;  // of the chunks
  std::span<const std::vector<KeyPlace>> paths;
  LookUpColumns columns;
  std::int64_t longest;  // path

  Rows(std::span<const Tensor> all, std::span<const std::vector<KeyPlace>> rows,
       const LookUpColumns& read)
      : paths(rows), columns(read), longest(longest_of(rows)) {
    for (const Tensor& chunk : all) {
      chunks.push_back(chunk.defined() ? chunk.data<T>().data() + columns.key : nullptr);
      widths.push_back(chunk.defined() ? chunk.size(1) : 0);
    }
  }

  /// Rows [begin, end) of queries, `width` apart, to those of y [N, E] and weights [S, N, heads].
  void look_up(std::int64_t begin, std::int64_t end, const T* queries, std::int64_t width, T* y,
               T* weights) const {
    const auto& kernels = kernels::vector_kernels<T>();
    const std::int64_t heads = columns.heads;
    const std::int64_t d = columns.E / heads;
    const kernels::LookUp<T> all{heads, d, columns.value - columns.key,
                                 static_cast<T>(1 / std::sqrt(static_cast<double>(d)))};
    const kernels::Workspace<T> w(heads * padded(longest));
    std::vector<const T*> keys;
    std::vector<const T*> next;
    find_keys(begin, next);
    for (std::int64_t n = begin; n < end; ++n) {
      const std::vector<KeyPlace>& path = paths[static_cast<std::size_t>(n)];
      keys.swap(next);
      if (n + 1 < end) {
        find_keys(n + 1, next);
      }
      kernels.look_up(all, queries + n * width, keys.data(), std::ssize(path), w.data(),
                      y + n * columns.E);
      if (weights != nullptr) {
        copy_weights(n, std::ssize(path), w.data(), weights);
      }
    }
  }

  /// The keys of row n. They and their values are fetched ahead: tokens of a path stand apart, so
  /// the processor cannot guess where the next one is.
  void find_keys(std::int64_t n, std::vector<const T*>& keys) const {
    keys.clear();
    for (const KeyPlace place : paths[static_cast<std::size_t>(n)]) {
      const auto chunk = static_cast<std::size_t>(place.chunk);
      const T* const key = chunks[chunk] + place.row * widths[chunk];
      kernels::prefetch(key, columns.E);
      kernels::prefetch(key + columns.value - columns.key, columns.E);
      keys.push_back(key);
    }
  }

  void copy_weights(std::int64_t n, std::int64_t length, const T* from, T* to) const {
    const std::int64_t N = std::ssize(paths);
    for (std::int64_t s = 0; s < length; ++s) {
      for (std::int64_t h = 0; h < columns.heads; ++h) {
        to[(s * N + n) * columns.heads + h] = from[h * padded(length) + s];
      }
    }
  }
};

}  // namespace

LookedUp look_up(const Tensor& query, std::span<const Tensor> chunks,
                 std::span<const std::vector<KeyPlace>> paths, const LookUpColumns& columns,
                 std::int64_t S) {
  const std::int64_t N = std::ssize(paths);
  if (query.dim() != 2 || query.size(0) != N || query.size(1) < columns.E) {
    fail("look_up: wrong shape of query; got {}; expected {} rows of at least {}", query.shape(), N,
         columns.E);
  }
  LookedUp found{.output = empty({N, columns.E}, query.dtype()), .weights = {}};
  dispatch_floating("look_up", query.dtype(), [&]<class T>() {
    const Rows<T> rows(chunks, paths, columns);
    if (S > 0) {
      found.weights = zeros({std::max(S, rows.longest), N, columns.heads}, query.dtype());
    }
    const T* const queries = query.data<T>().data();
    T* const y = found.output.mutable_data<T>().data();
    T* const weights = S > 0 ? found.weights.mutable_data<T>().data() : nullptr;
    parallel_for(N, N * rows.longest * columns.E / kProductsPerElement * 4,
                 [&](std::int64_t begin, std::int64_t end) {
                   rows.look_up(begin, end, queries, query.size(1), y, weights);
                 });
  });
  return found;
}

}  // namespace weft
