#include <algorithm>
#include <array>
#include <iterator>
#include <limits>

#include "autograd/graph/layout.hpp"

namespace weft::detail {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
constexpr double kBoxGap = 24;   ///< between two boxes
constexpr double kEdgeGap = 16;  ///< between an edge and whatever is next to it

/// One of four alignments (Brandes and Koepf 2001, "Fast and simple horizontal coordinate
/// assignment"): each vertex is aligned with the left one of its median neighbors above, if that is
/// free; aligned vertices form straight vertical blocks, which are then compacted to the left. The
/// other three process the drawing upside down, mirrored, or both.
class Alignment {
 public:
  Alignment(const Layers& layers, bool upside_down, bool from_right)
      : vertices_(layers.vertices),
        order_(layers.order),
        upside_down_(upside_down),
        from_right_(from_right),
        position_(vertices_.size()),
        above_(vertices_.size()),
        root_(vertices_.size()) {
    if (upside_down) {
      std::ranges::reverse(order_);
    }
    for (std::vector<std::size_t>& layer : order_) {
      if (from_right) {
        std::ranges::reverse(layer);
      }
      for (std::size_t i = 0; i < layer.size(); ++i) {
        position_[layer[i]] = i;
      }
    }
    for (std::size_t v = 0; v < vertices_.size(); ++v) {
      above_[v] = upside_down ? vertices_[v].below : vertices_[v].above;
      std::ranges::sort(above_[v], {}, [this](std::size_t u) { return position_[u]; });
      root_[v] = v;
    }
  }

  /// Computes the centers of all vertices.
  std::vector<double> run() {
    for (std::size_t i = 1; i < order_.size(); ++i) {
      align(order_[i - 1].size(), order_[i]);
    }
    std::vector<double> x = compacted();
    if (from_right_) {
      std::ranges::for_each(x, [](double& value) { value = -value; });
    }
    return x;
  }

 private:
  /// The neighbor above that is part of the same trunk as v; kNone if there is none.
  std::size_t trunk_above(std::size_t v) const {
    const auto on_edge = [this](std::size_t u) { return vertices_[u].on_edge; };
    const auto found = std::ranges::find_if(above_[v], on_edge);
    return on_edge(v) && found != above_[v].end() ? *found : kNone;
  }

  /// Positions in the layer above, from `begin` up to but excluding `end`.
  struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  /// For each vertex of a layer, the range it may be aligned with so that trunks become straight:
  /// part of a trunk only with the next part, other vertices with those not separated from them by
  /// a trunk.
  std::vector<Range> ranges(std::size_t size_above, const std::vector<std::size_t>& layer) const {
    std::vector<Range> ranges(layer.size());
    std::size_t begin = 0;
    for (std::size_t i = 0; i < layer.size(); ++i) {
      const std::size_t trunk = trunk_above(layer[i]);
      begin = trunk == kNone ? begin : std::max(begin, position_[trunk] + 1);
      ranges[i].begin = trunk == kNone ? begin : position_[trunk];
    }
    std::size_t end = size_above;
    for (std::size_t i = layer.size(); i-- > 0;) {
      const std::size_t trunk = trunk_above(layer[i]);
      end = trunk == kNone ? end : std::min(end, position_[trunk]);
      ranges[i].end = trunk == kNone ? end : position_[trunk] + 1;
    }
    return ranges;
  }

  /// Whether v may be aligned with its neighbor u. Chains of ops are drawn straight, so the trunk
  /// of a leaf gives way at boxes that also have results of ops above them.
  bool may_align(std::size_t v, std::size_t u) const {
    const Vertex& upper = vertices_[upside_down_ ? v : u];
    const Vertex& lower = vertices_[upside_down_ ? u : v];
    return !upper.aside || lower.on_edge ||
           std::ranges::all_of(lower.above, [this](std::size_t w) { return vertices_[w].aside; });
  }

  /// Preferred alignments of v: the rest of its trunk, or its median neighbors.
  std::vector<std::size_t> candidates(std::size_t v) const {
    if (const std::size_t trunk = trunk_above(v); trunk != kNone) {
      return {trunk};
    }
    std::vector<std::size_t> all;
    std::ranges::copy_if(above_[v], std::back_inserter(all),
                         [&](std::size_t u) { return may_align(v, u); });
    return all.empty() ? all : std::vector{all[(all.size() - 1) / 2], all[all.size() / 2]};
  }

  void align(std::size_t size_above, const std::vector<std::size_t>& layer) {
    const std::vector<Range> allowed = ranges(size_above, layer);
    std::size_t free = 0;  // positions above from here on are not aligned yet
    for (std::size_t i = 0; i < layer.size(); ++i) {
      const std::size_t v = layer[i];
      for (const std::size_t u : candidates(v)) {
        const std::size_t at = position_[u];
        if (root_[v] == v && at >= std::max(free, allowed[i].begin) && at < allowed[i].end) {
          root_[v] = root_[u];
          free = at + 1;
        }
      }
    }
  }

  /// Minimum distance between the centers of two neighbors in a layer.
  double distance(std::size_t a, std::size_t b) const {
    const bool edge = vertices_[a].on_edge || vertices_[b].on_edge;
    return (vertices_[a].size.width + vertices_[b].size.width) / 2 + (edge ? kEdgeGap : kBoxGap);
  }

  struct Step {
    std::size_t block = 0;
    double distance = 0;
  };

  /// For each block, the blocks to its right.
  std::vector<std::vector<Step>> steps_right() const {
    std::vector<std::vector<Step>> right(vertices_.size());
    for (const std::vector<std::size_t>& layer : order_) {
      for (std::size_t i = 0; i + 1 < layer.size(); ++i) {
        right[root_[layer[i]]].push_back({root_[layer[i + 1]], distance(layer[i], layer[i + 1])});
      }
    }
    return right;
  }

  /// The blocks from left to right: each after all blocks to its left.
  std::vector<std::size_t> left_to_right(const std::vector<std::vector<Step>>& right) const {
    std::vector<std::size_t> waiting(vertices_.size());
    for (const std::vector<Step>& steps : right) {
      for (const Step& step : steps) {
        ++waiting[step.block];
      }
    }
    std::vector<std::size_t> blocks;
    for (std::size_t v = 0; v < vertices_.size(); ++v) {
      if (root_[v] == v && waiting[v] == 0) {
        blocks.push_back(v);
      }
    }
    // `blocks` grows during the loop, so it must be accessed by index.
    for (std::size_t i = 0; i < blocks.size(); ++i) {  // NOLINT(modernize-loop-convert)
      for (const Step& step : right[blocks[i]]) {
        if (--waiting[step.block] == 0) {
          blocks.push_back(step.block);
        }
      }
    }
    return blocks;
  }

  /// Moves every block as far left as the blocks on its left allow, then as far right as those on
  /// its right allow: compacting only to the left would leave gaps in the middle.
  std::vector<double> compacted() const {
    const std::vector<std::vector<Step>> right = steps_right();
    const std::vector<std::size_t> blocks = left_to_right(right);
    std::vector<double> x(vertices_.size());
    for (const std::size_t block : blocks) {
      for (const Step& step : right[block]) {
        x[step.block] = std::max(x[step.block], x[block] + step.distance);
      }
    }
    for (std::size_t i = blocks.size(); i-- > 0;) {
      double limit = std::numeric_limits<double>::infinity();
      for (const Step& step : right[blocks[i]]) {
        limit = std::min(limit, x[step.block] - step.distance);
      }
      if (!right[blocks[i]].empty()) {
        x[blocks[i]] = limit;
      }
    }
    for (std::size_t v = 0; v < vertices_.size(); ++v) {
      x[v] = x[root_[v]];
    }
    return x;
  }

  const std::vector<Vertex>& vertices_;
  std::vector<std::vector<std::size_t>> order_;
  bool upside_down_;
  bool from_right_;
  std::vector<std::size_t> position_;
  std::vector<std::vector<std::size_t>> above_;  // sorted by position
  std::vector<std::size_t> root_;                // the first vertex of each vertex's block
};

struct Extent {
  double left = std::numeric_limits<double>::infinity();
  double right = -std::numeric_limits<double>::infinity();
};

Extent extent(const std::vector<Vertex>& vertices, const std::vector<double>& x) {
  Extent extent;
  for (std::size_t v = 0; v < x.size(); ++v) {
    extent.left = std::min(extent.left, x[v] - vertices[v].size.width / 2);
    extent.right = std::max(extent.right, x[v] + vertices[v].size.width / 2);
  }
  return extent;
}

}  // namespace

// The four alignments are shifted to match the narrowest one, left-aligned ones at their left ends,
// right-aligned ones at their right ends; each vertex is then placed at the mean of its two middle
// positions. That preserves order, distances and straight lines.
std::vector<double> align(const Layers& layers) {
  std::array<std::vector<double>, 4> all;
  std::array<Extent, 4> extents;
  std::size_t narrowest = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    all[i] = Alignment(layers, i / 2 == 1, i % 2 == 1).run();
    extents[i] = extent(layers.vertices, all[i]);
    const auto width = [&](std::size_t j) { return extents[j].right - extents[j].left; };
    narrowest = width(i) < width(narrowest) ? i : narrowest;
  }
  std::vector<double> x(layers.vertices.size());
  for (std::size_t v = 0; v < x.size(); ++v) {
    std::array<double, 4> places{};
    for (std::size_t i = 0; i < 4; ++i) {
      const double shift = i % 2 == 1 ? extents[narrowest].right - extents[i].right
                                      : extents[narrowest].left - extents[i].left;
      places[i] = all[i][v] + shift;
    }
    std::ranges::sort(places);
    x[v] = (places[1] + places[2]) / 2;
  }
  return x;
}

}  // namespace weft::detail
