#include <algorithm>
#include <cstdint>

#include "autograd/graph/layout.hpp"

namespace weft::detail {
namespace {

using Order = std::vector<std::vector<std::size_t>>;
using Positions = std::vector<std::size_t>;

/// Puts each vertex into its layer in the order of a depth-first search from the results upwards,
/// with inputs in order: a tree is then drawn without crossings. If the search also goes downwards,
/// vertices connected by shared inputs are placed together.
Order initial_order(const std::vector<Vertex>& vertices, bool downwards) {
  Order order;
  std::vector<bool> seen(vertices.size());
  std::vector<std::size_t> todo;
  for (std::size_t start = 0; start < vertices.size(); ++start) {
    if (vertices[start].below.empty()) {
      todo.push_back(start);
    }
    while (!todo.empty()) {
      const std::size_t vertex = todo.back();
      todo.pop_back();
      if (seen[vertex]) {
        continue;
      }
      seen[vertex] = true;
      const std::size_t layer = vertices[vertex].layer;
      order.resize(std::max(order.size(), layer + 1));
      order[layer].push_back(vertex);
      const std::vector<std::size_t>& above = vertices[vertex].above;
      const std::vector<std::size_t>& below = vertices[vertex].below;
      if (downwards) {
        todo.insert(todo.end(), below.rbegin(), below.rend());
      }
      todo.insert(todo.end(), above.rbegin(), above.rend());
    }
  }
  return order;
}

void number(const std::vector<std::size_t>& layer, Positions& positions) {
  for (std::size_t i = 0; i < layer.size(); ++i) {
    positions[layer[i]] = i;
  }
}

/// Counts the crossings between a layer and the next, i.e. pairs of edges in opposite order at
/// their two ends, with a Fenwick tree (Barth, Juenger and Mutzel 2002).
std::int64_t crossings(const std::vector<Vertex>& vertices, const std::vector<std::size_t>& layer,
                       std::size_t next_size, const Positions& positions) {
  std::vector<std::int64_t> tree(next_size + 1);  // a Fenwick tree over the lower ends so far
  std::int64_t count = 0;
  std::int64_t before = 0;
  std::vector<std::size_t> ends;
  for (const std::size_t vertex : layer) {
    ends.clear();
    for (const std::size_t end : vertices[vertex].below) {
      ends.push_back(positions[end] + 1);
    }
    for (const std::size_t end : ends) {
      std::int64_t not_right = 0;
      for (std::size_t i = end; i > 0; i -= i & (~i + 1)) {
        not_right += tree[i];
      }
      count += before - not_right;
    }
    for (const std::size_t end : ends) {
      for (std::size_t i = end; i <= next_size; i += i & (~i + 1)) {
        ++tree[i];
      }
    }
    before += static_cast<std::int64_t>(ends.size());
  }
  return count;
}

std::int64_t crossings(const std::vector<Vertex>& vertices, const Order& order,
                       const Positions& positions) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    count += crossings(vertices, order[i], order[i + 1].size(), positions);
  }
  return count;
}

/// Sorts a layer by the mean position of each vertex's neighbors above or below; vertices without
/// any keep their positions.
void sort_by_barycenter(const std::vector<Vertex>& vertices, bool above,
                        std::vector<std::size_t>& layer, Positions& positions) {
  std::vector<std::pair<double, std::size_t>> movable;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < layer.size(); ++i) {
    const Vertex& vertex = vertices[layer[i]];
    const std::vector<std::size_t>& neighbors = above ? vertex.above : vertex.below;
    if (neighbors.empty()) {
      continue;
    }
    double sum = 0;
    for (const std::size_t neighbor : neighbors) {
      sum += static_cast<double>(positions[neighbor]);
    }
    movable.emplace_back(sum / static_cast<double>(neighbors.size()), layer[i]);
    places.push_back(i);
  }
  std::ranges::stable_sort(movable, {}, &std::pair<double, std::size_t>::first);
  for (std::size_t i = 0; i < places.size(); ++i) {
    layer[places[i]] = movable[i].second;
  }
  number(layer, positions);
}

/// Crossings between the edges of two vertices of a layer on one side; `left` is left of `right`.
std::int64_t pair_crossings(const std::vector<std::size_t>& left,
                            const std::vector<std::size_t>& right, const Positions& positions) {
  std::int64_t count = 0;
  for (const std::size_t u : left) {
    count +=
        std::ranges::count_if(right, [&](std::size_t v) { return positions[u] > positions[v]; });
  }
  return count;
}

/// Swaps neighbors in a layer where that reduces crossings; returns true if any were removed.
bool exchange_neighbors(const std::vector<Vertex>& vertices, std::vector<std::size_t>& layer,
                        Positions& positions) {
  bool saved = false;
  for (std::size_t i = 0; i + 1 < layer.size(); ++i) {
    const Vertex& left = vertices[layer[i]];
    const Vertex& right = vertices[layer[i + 1]];
    const std::int64_t before = pair_crossings(left.above, right.above, positions) +
                                pair_crossings(left.below, right.below, positions);
    const std::int64_t after = pair_crossings(right.above, left.above, positions) +
                               pair_crossings(right.below, left.below, positions);
    if (after < before) {
      std::swap(layer[i], layer[i + 1]);
      std::swap(positions[layer[i]], positions[layer[i + 1]]);
      saved = true;
    }
  }
  return saved;
}

void exchange_neighbors(const std::vector<Vertex>& vertices, Order& order, Positions& positions) {
  constexpr int kRounds = 8;
  bool saved = true;
  for (int round = 0; saved && round < kRounds; ++round) {
    saved = false;
    for (std::vector<std::size_t>& layer : order) {
      saved = exchange_neighbors(vertices, layer, positions) || saved;
    }
  }
}

/// An order and its number of crossings.
struct Result {
  Order order;
  std::int64_t crossings = 0;
};

/// Sweeps down and up, sorting each layer by barycenters of the previous one; the best order wins.
Result swept(const std::vector<Vertex>& vertices, Order order) {
  constexpr int kPatience = 4;  // sweeps without improvement
  constexpr int kSweeps = 32;
  Positions positions(vertices.size());
  for (const std::vector<std::size_t>& layer : order) {
    number(layer, positions);
  }
  Result best = {order, crossings(vertices, order, positions)};
  int worse = 0;
  for (int sweep = 0; best.crossings > 0 && worse < kPatience && sweep < kSweeps; ++sweep) {
    const bool down = sweep % 2 == 1;
    for (std::size_t i = 1; i < order.size(); ++i) {
      sort_by_barycenter(vertices, down, order[down ? i : order.size() - 1 - i], positions);
    }
    exchange_neighbors(vertices, order, positions);
    const std::int64_t count = crossings(vertices, order, positions);
    ++worse;
    if (count < best.crossings) {
      best = {order, count};
      worse = 0;
    }
  }
  return best;
}

}  // namespace

void order_layers(Layers& layers) {
  Result best = swept(layers.vertices, initial_order(layers.vertices, false));
  if (best.crossings > 0) {
    Result other = swept(layers.vertices, initial_order(layers.vertices, true));
    if (other.crossings < best.crossings) {
      best = std::move(other);
    }
  }
  layers.order = std::move(best.order);
}

}  // namespace weft::detail
