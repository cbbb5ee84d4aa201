#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "autograd/graph/graph.hpp"

namespace weft {
namespace {

using Successors = std::vector<std::vector<std::size_t>>;

/// The vertices in the order in which a depth-first search finishes them.
std::vector<std::size_t> postorder(const Successors& successors) {
  std::vector<std::size_t> order;
  std::vector<bool> seen(successors.size());
  for (std::size_t start = 0; start < successors.size(); ++start) {
    std::vector<std::pair<std::size_t, std::size_t>> path;  // a vertex and its next successor
    const auto enter = [&](std::size_t vertex) {
      if (!seen[vertex]) {
        seen[vertex] = true;
        path.emplace_back(vertex, 0);
      }
    };
    enter(start);
    while (!path.empty()) {
      auto& [vertex, next] = path.back();
      if (next < successors[vertex].size()) {
        enter(successors[vertex][next++]);  // may invalidate `vertex` and `next`
      } else {
        order.push_back(vertex);
        path.pop_back();
      }
    }
  }
  return order;
}

/// The strongly connected components, each after those that lead to it (Kosaraju's algorithm): the
/// component of each vertex, and their number.
std::pair<std::vector<std::size_t>, std::size_t> components(const Successors& successors) {
  Successors predecessors(successors.size());
  for (std::size_t vertex = 0; vertex < successors.size(); ++vertex) {
    for (const std::size_t successor : successors[vertex]) {
      predecessors[successor].push_back(vertex);
    }
  }
  constexpr auto kNone = static_cast<std::size_t>(-1);
  std::vector<std::size_t> component(successors.size(), kNone);
  std::vector<std::size_t> order = postorder(successors);
  std::ranges::reverse(order);
  std::size_t count = 0;
  for (const std::size_t start : order) {
    if (component[start] != kNone) {
      continue;
    }
    component[start] = count;
    for (std::vector<std::size_t> todo = {start}; !todo.empty();) {
      const std::size_t vertex = todo.back();
      todo.pop_back();
      for (const std::size_t predecessor : predecessors[vertex]) {
        if (component[predecessor] == kNone) {
          component[predecessor] = count;
          todo.push_back(predecessor);
        }
      }
    }
    ++count;
  }
  return {component, count};
}

/// The common prefix of two dotted paths.
std::string common_path(const std::string& a, const std::string& b) {
  std::size_t end = 0;
  for (std::size_t i = 0; i <= std::min(a.size(), b.size()); ++i) {
    const bool a_ends = i == a.size() || a[i] == '.';
    const bool b_ends = i == b.size() || b[i] == '.';
    if (a_ends && b_ends) {
      end = i;
    }
    if (i == a.size() || i == b.size() || a[i] != b[i]) {
      break;
    }
  }
  return a.substr(0, end);
}

/// The name of several groups merged into one box.
std::string common_name(const std::set<std::string>& groups) {
  std::string name = *groups.begin();
  for (const std::string& group : groups) {
    name = common_path(name, group);
  }
  if (!name.empty()) {
    return name;
  }
  std::string last;
  for (const std::string& group : groups) {
    if (last.empty() || common_path(last, group) != last) {  // otherwise it is inside the last one
      name += (name.empty() ? "" : " + ") + group;
      last = group;
    }
  }
  return name;
}

/// For each box, the box of the folded graph that contains it, and the number of these.
std::pair<std::vector<std::size_t>, std::size_t> folded_boxes(const Graph& graph) {
  std::map<std::string, std::size_t> first;  // box of each group
  std::vector<std::size_t> block(graph.boxes.size());
  for (std::size_t i = 0; i < block.size(); ++i) {
    const std::string& group = graph.boxes[i].group;
    block[i] = group.empty() ? i : first.try_emplace(group, i).first->second;
  }
  Successors successors(block.size());
  for (const Graph::Edge& edge : graph.edges) {
    successors[block[edge.from]].push_back(block[edge.to]);
  }
  const auto [component, count] = components(successors);
  for (std::size_t& place : block) {
    place = component[place];
  }
  // The other boxes of a block are vertices without edges: their components are empty.
  std::vector<std::size_t> number(count);
  for (const std::size_t place : block) {
    number[place] = 1;
  }
  std::size_t boxes = 0;
  for (std::size_t& n : number) {
    n = n == 1 ? boxes++ : 0;
  }
  for (std::size_t& place : block) {
    place = number[place];
  }
  return {block, boxes};
}

Graph::Box merged(const std::vector<const Graph::Box*>& parts) {
  if (parts.size() == 1) {
    return *parts.front();
  }
  Graph::Box box{.kind = Graph::Kind::group};
  std::set<std::string> groups;
  for (const Graph::Box* part : parts) {
    box.ops += part->kind == Graph::Kind::op ? 1 : part->ops;
    box.leaves += part->kind == Graph::Kind::leaf ? 1 : part->leaves;
    if (!part->group.empty()) {
      groups.insert(part->group);
    }
  }
  box.group = common_name(groups);
  box.name = box.group;
  return box;
}

}  // namespace

Graph fold_groups(const Graph& graph) {
  const auto [place, count] = folded_boxes(graph);
  std::vector<std::vector<const Graph::Box*>> parts(count);
  for (std::size_t i = 0; i < place.size(); ++i) {
    parts[place[i]].push_back(&graph.boxes[i]);
  }
  Graph folded;
  std::ranges::transform(parts, std::back_inserter(folded.boxes), merged);

  // Values of the same shape between the same two boxes become one edge with a count.
  using Value = std::pair<std::size_t, std::size_t>;
  std::map<std::tuple<std::size_t, std::size_t, Shape, DType>, std::size_t> bundle;
  std::vector<std::set<Value>> values;  // per edge
  for (const Graph::Edge& edge : graph.edges) {
    const std::size_t from = place[edge.from];
    const std::size_t to = place[edge.to];
    if (from == to) {
      continue;
    }
    const bool grouped = parts[from].size() > 1 || parts[to].size() > 1;
    const auto [found, fresh] =
        bundle.try_emplace({from, to, edge.shape, edge.dtype}, values.size());
    if (fresh || !grouped) {
      folded.edges.push_back(edge);
      folded.edges.back().from = from;
      folded.edges.back().to = to;
      values.emplace_back();
    }
    values[grouped ? found->second : values.size() - 1].emplace(edge.from, edge.output);
  }

  // A single value has the same number on all its edges; a bundle gets a number of its own.
  std::map<std::pair<std::size_t, Value>, std::size_t> numbers;
  std::vector<std::size_t> next(count);
  for (std::size_t i = 0; i < folded.edges.size(); ++i) {
    Graph::Edge& edge = folded.edges[i];
    edge.count = values[i].size();
    if (edge.count > 1) {
      edge.name.clear();
      edge.output = next[edge.from]++;
      continue;
    }
    const auto [number, fresh] =
        numbers.try_emplace({edge.from, *values[i].begin()}, next[edge.from]);
    next[edge.from] += fresh ? 1 : 0;
    edge.output = number->second;
  }
  return folded;
}

}  // namespace weft
