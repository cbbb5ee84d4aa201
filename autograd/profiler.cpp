#include "autograd/profiler.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "autograd/node.hpp"

namespace weft {

Profiler::Profiler() : begin_(Clock::now()), last_(begin_) {}

void Profiler::mark(std::string_view name, Pass pass) {
  using Seconds = std::chrono::duration<double>;
  const Clock::time_point now = Clock::now();
  spans_.push_back(
      {std::string(name), pass, Seconds(last_ - begin_).count(), Seconds(now - last_).count()});
  last_ = now;
}

void Profiler::skip() { last_ = Clock::now(); }

std::vector<Profiler::Row> Profiler::rows() const {
  std::map<std::pair<std::string_view, Pass>, Row> sums;
  for (const Span& span : spans_) {
    Row& row =
        sums.try_emplace({span.name, span.pass}, Row{span.name, span.pass, 0, 0}).first->second;
    ++row.calls;
    row.seconds += span.seconds;
  }
  std::vector<Row> rows;
  rows.reserve(sums.size());
  for (auto& [key, row] : sums) {
    rows.push_back(std::move(row));
  }
  std::ranges::stable_sort(rows, std::ranges::greater(), &Row::seconds);
  return rows;
}

void Profiler::recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                        const std::vector<Tensor>& outputs) {
  Observer::recorded(node, inputs, outputs);
  if (!in_backward_ && node->backward) {
    mark(node->op->name(), Pass::forward);
  }
}

Gradients Profiler::call(const Node& node, const Backward& backward) {
  const bool outermost = !std::exchange(in_backward_, true);
  if (outermost) {
    mark("accumulate", Pass::backward);
  }
  const auto leave = [&](Profiler* profiler) { profiler->in_backward_ = !outermost; };
  const std::unique_ptr<Profiler, decltype(leave)> guard(this, leave);  // also if it throws
  Gradients gradients = Observer::call(node, backward);
  if (outermost) {
    mark(node.op->name(), Pass::backward);
  }
  return gradients;
}

}  // namespace weft
