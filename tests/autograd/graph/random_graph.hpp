#pragma once

#include <algorithm>
#include <random>

#include "autograd/graph/graph.hpp"

namespace weft::testing {

/// A graph of `size` boxes, among them ops with up to three inputs and leaves, similar to a
/// network: most inputs come from nearby, some from far away.
inline Graph random_graph(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&random](std::size_t n) { return random() % n; };
  Graph graph;
  for (std::size_t i = 0; i < size; ++i) {
    const bool leaf = i == 0 || below(3) == 0;
    graph.boxes.push_back({.kind = leaf ? Graph::Kind::leaf : Graph::Kind::op,
                           .name = (leaf ? "leaf_" : "op_") + std::to_string(i)});
    const std::size_t inputs = leaf ? 0 : 1 + below(3);
    for (std::size_t k = 0; k < inputs; ++k) {
      const std::size_t reach = below(20) == 0 ? 200 : 8;
      graph.edges.push_back({.from = i - 1 - below(std::min(i, reach)),
                             .output = below(2),
                             .to = i,
                             .shape = {2, 3}});
    }
  }
  return graph;
}

}  // namespace weft::testing
