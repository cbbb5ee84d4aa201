#include <algorithm>
#include <limits>

#include "autograd/graph/layout.hpp"

namespace weft::detail {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

struct Neighbors {
  std::vector<std::size_t> sources;
  std::vector<std::size_t> users;
};

std::vector<Neighbors> neighbors_of(const Graph& graph) {
  std::vector<Neighbors> neighbors(graph.boxes.size());
  for (const Graph::Edge& edge : graph.edges) {
    neighbors[edge.to].sources.push_back(edge.from);
    neighbors[edge.from].users.push_back(edge.to);
  }
  return neighbors;
}

/// The highest possible layer of a box: one below its lowest source.
std::size_t highest(const Neighbors& box, const std::vector<std::size_t>& layers) {
  std::size_t layer = 0;
  for (const std::size_t source : box.sources) {
    layer = std::max(layer, layers[source] + 1);
  }
  return layer;
}

/// The lowest possible layer of a box; kNone if nothing uses it.
std::size_t lowest(const Neighbors& box, const std::vector<std::size_t>& layers) {
  std::size_t layer = kNone;
  for (const std::size_t user : box.users) {
    layer = std::min(layer, layers[user] - 1);
  }
  return layer;
}

/// Removes empty layers.
void close_gaps(std::vector<std::size_t>& layers) {
  std::vector<std::size_t> number(layers.size() + 1);
  for (const std::size_t layer : layers) {
    number[layer] = 1;
  }
  std::size_t next = 0;
  for (std::size_t& n : number) {
    n = n == 1 ? next++ : 0;
  }
  for (std::size_t& layer : layers) {
    layer = number[layer];
  }
}

}  // namespace

// Layers come from the longest paths from the sources, which gives the fewest layers; then boxes
// move, one at a time, as far as the total edge length decreases: down if they have more users than
// sources, so that leaves are right above their first user, and up if they have more sources than
// users.
std::vector<std::size_t> box_layers(const Graph& graph) {
  const std::vector<Neighbors> neighbors = neighbors_of(graph);
  std::vector<std::size_t> layers(graph.boxes.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i] = highest(neighbors[i], layers);
  }
  constexpr int kRounds = 8;
  bool moved = true;
  for (int round = 0; moved && round < kRounds; ++round) {
    moved = false;
    const auto move = [&](std::size_t box, std::size_t layer) {
      moved = moved || layers[box] != layer;
      layers[box] = layer;
    };
    for (std::size_t i = layers.size(); i-- > 0;) {
      if (neighbors[i].users.size() > neighbors[i].sources.size()) {
        move(i, lowest(neighbors[i], layers));
      }
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (neighbors[i].sources.size() > neighbors[i].users.size()) {
        move(i, highest(neighbors[i], layers));
      }
    }
  }
  close_gaps(layers);
  return layers;
}

}  // namespace weft::detail
