#include "autograd/graph/tracker.hpp"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "autograd/node.hpp"
#include "autograd/observer.hpp"
#include "autograd/survey.hpp"

namespace weft {
namespace {

using detail::TensorBody;
using Body = std::shared_ptr<TensorBody>;
using Nodes = std::vector<std::shared_ptr<Node>>;

/// The nodes known to all trackers, by sequence number.
struct Registry {
  std::mutex mutex;
  std::map<std::uint64_t, std::weak_ptr<Node>> nodes;
  int trackers = 0;
};

/// Never destroyed: a graph may live until the program ends.
Registry& registry() {
  static auto* const registry = new Registry;
  return *registry;
}

/// The registry's data about a node. It is destroyed with the node and then removes its entry.
struct Entry : Note {
  Entry(Place where, std::uint64_t node) : place(std::move(where)), sequence(node) {}
  ~Entry() override {
    const std::lock_guard lock(registry().mutex);
    registry().nodes.erase(sequence);
  }

  Place place;                                             ///< where the node was recorded
  std::vector<std::weak_ptr<detail::TensorBody>> outputs;  ///< while they are held
  std::uint64_t sequence;                                  ///< of the node
};

/// Fills the registry while there are trackers.
class Bookkeeper : public Observer {
 public:
  Bookkeeper() : Observer(AllThreads()) {}

  void recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                const std::vector<Tensor>& outputs) override {
    auto entry = std::make_unique<Entry>(current_place(), node->sequence);
    std::ranges::transform(outputs, std::back_inserter(entry->outputs), &TensorBody::of);
    node->extra().notes.push_back(std::move(entry));
    {  // now, so that a report of another thread finds the note
      const std::lock_guard lock(registry().mutex);
      registry().nodes.emplace(node->sequence, node);
    }
    Observer::recorded(node, inputs, outputs);
  }

  /// Whatever a recorded backward pass records gets the place of the node that it differentiates.
  Gradients call(const Node& node, const Backward& backward) override {
    const auto* const entry = node.note<Entry>();
    const Place nowhere;
    const PathScope scope(entry == nullptr ? nowhere : entry->place);
    return Observer::call(node, backward);
  }
};

/// Adjusts the number of trackers; the first one starts recording, the last one stops it.
void count_tracker(int more) {
  static auto* const bookkeeper = new Bookkeeper;
  const std::lock_guard lock(registry().mutex);
  registry().trackers += more;
  Observer::watch_all_threads(registry().trackers > 0 ? bookkeeper : nullptr);
}

/// The live nodes recorded since `first`, oldest first.
Nodes live_since(std::uint64_t first) {
  Nodes nodes;
  const std::lock_guard lock(registry().mutex);
  for (auto place = registry().nodes.lower_bound(first); place != registry().nodes.end(); ++place) {
    if (auto node = place->second.lock()) {
      nodes.push_back(std::move(node));
    }
  }
  return nodes;
}

/// How many handles of `body` a function object has captured: each copy of it adds that many.
template <class F>
long captured(const Body& body, const F& function) {
  const long before = body.use_count();
  const F copy = function;
  return body.use_count() - before;
}

/// Finds what holds handles of one tensor.
class Holders {
 public:
  explicit Holders(const Body& body) : body_(body), unknown_(body.use_count() - 1) {}

  void gradient_of(const TensorBody& owner, const std::string& whose) {
    note(TensorBody::of(owner.grad.values()) == body_ ? 1 : 0,
         fmt::format("the gradient of {}, which has a graph of its own since backward was called "
                     "with create_graph; hint: zero_grad()",
                     whose));
  }

  void hooks(const HookList<GradientHook>& list, const std::string& whose) {
    for (const auto& hook : list.hooks()) {
      note(captured(body_, *hook), fmt::format("a hook on {}; hint: remove() it", whose));
    }
  }

  void functions(const Node& node) {
    note(captured(body_, node.backward),
         fmt::format("the backward function of {}, which captured it", node.op->name()));
    if (node.extras) {
      note(captured(body_, node.extras->recompute), "the function of a checkpoint");
    }
  }

  /// The holders found, and the remaining handles.
  std::vector<std::string> found() {
    if (unknown_ > 0) {
      note(unknown_, fmt::format("{} handle{} of the program", unknown_, unknown_ == 1 ? "" : "s"));
    }
    return found_;
  }

 private:
  void note(long handles, const std::string& who) {
    if (handles > 0) {
      found_.push_back(who);
      unknown_ -= handles;
    }
  }

  const Body& body_;
  long unknown_;
  std::vector<std::string> found_;
};

std::vector<Body> leaves_of(const Nodes& nodes) {
  std::vector<Body> leaves;
  std::unordered_set<const Node*> seen;
  for (const auto& node : nodes) {
    for (const Node::Edge& edge : node->edges) {
      if (edge.node && edge.node->is_leaf() && seen.insert(edge.node.get()).second) {
        if (Body leaf = edge.node->leaf.lock()) {
          leaves.push_back(std::move(leaf));
        }
      }
    }
  }
  return leaves;
}

std::vector<std::string> holders_of(const Body& body, const Nodes& nodes,
                                    const std::vector<Body>& leaves) {
  Holders holders(body);
  for (const Body& leaf : leaves) {
    const std::string whose = fmt::format("a leaf {}", leaf->shape);
    holders.gradient_of(*leaf, whose);
    holders.hooks(leaf->hooks, whose);
  }
  for (const auto& node : nodes) {
    holders.functions(*node);
    for (const auto& list : node->extras->hooks) {
      holders.hooks(list, "a result of " + node->op->name());
    }
    for (const auto& output : node->note<Entry>()->outputs) {
      if (const Body result = output.lock()) {
        holders.gradient_of(*result, "a result of " + node->op->name());
      }
    }
  }
  return holders.found();
}

}  // namespace

GraphTracker::GraphTracker() : first_(next_sequence()) { count_tracker(1); }
GraphTracker::~GraphTracker() { count_tracker(-1); }

std::vector<LiveGraph> GraphTracker::report() const {
  const Nodes nodes = live_since(first_);
  const std::vector<Body> leaves = leaves_of(nodes);
  std::unordered_set<const Node*> used;
  for (const auto& node : nodes) {
    for (const Node::Edge& edge : node->edges) {
      used.insert(edge.node.get());
    }
  }
  std::vector<LiveGraph> graphs;
  for (const auto& root : nodes) {
    if (used.contains(root.get())) {
      continue;
    }
    const auto& entry = *root->note<Entry>();
    LiveGraph graph;
    graph.op = root->op->name();
    graph.place = entry.place;
    for (const auto& output : entry.outputs) {
      if (const Body body = output.lock()) {
        graph.outputs.push_back(body->shape);
        std::ranges::copy(holders_of(body, nodes, leaves), std::back_inserter(graph.holders));
      }
    }
    for (const Node* node : reachable({{root, 0}}, first_)) {
      ++graph.nodes;
      ++graph.ops[node->op->name()];
      graph.freed += node->freed ? 1 : 0;
    }
    graphs.push_back(std::move(graph));
  }
  return graphs;
}

std::string to_string(const LiveGraph& graph) {
  std::vector<std::string> counts;
  for (const auto& [op, count] : graph.ops) {
    counts.push_back(fmt::format("{} {}", count, op));
  }
  return fmt::format("{}{}{}: {} node{} ({}), {} of them freed; held by {}", graph.op,
                     graph.outputs.empty() ? "" : fmt::format(" {}", fmt::join(graph.outputs, " ")),
                     to_string(graph.place), graph.nodes, graph.nodes == 1 ? "" : "s",
                     fmt::join(counts, ", "), graph.freed,
                     graph.holders.empty() ? "something unknown"
                                           : fmt::format("{}", fmt::join(graph.holders, ", and ")));
}

}  // namespace weft
