#include <algorithm>
#include <numeric>

#include "autograd/gradcheck/patterns.hpp"
#include "autograd/gradcheck/view.hpp"

namespace weft::detail {
namespace {

/// Calls f with every order of the dimensions of `shape` but the identity, until f returns true.
template <class F>
bool any_order(const Shape& shape, F&& f) {
  constexpr std::size_t kLargestRank = 5;
  if (shape.size() > kLargestRank) {
    return false;
  }
  std::vector<std::size_t> order(shape.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  while (std::ranges::next_permutation(order).found) {
    if (f(order)) {
      return true;
    }
  }
  return false;
}

/// Whether the analytic gradient of `wrong` is the numeric one of another leaf.
bool is_gradient_of(const Case& wrong, std::size_t other) {
  const Evidence& evidence = wrong.evidence;
  const std::vector<View> theirs = views(evidence, wrong.problem, other);
  const std::vector<View> ours = views(evidence, wrong.problem, wrong.leaf);
  for (const View& view : theirs) {
    for (const View& place : ours) {
      if (view.shape == place.shape &&
          explains(wrong, {view.shape, view.elements, place.target},
                   [](const std::vector<double>& n, const Shape&) { return n; })) {
        return true;
      }
    }
  }
  return false;
}

/// Elements shifted by `by` positions along dimension `dim`, or as one list if `dim` is the rank.
std::vector<double> rolled(const std::vector<double>& elements, const Shape& shape, std::size_t dim,
                           std::int64_t by) {
  std::vector<double> result(elements.size());
  const auto count = static_cast<std::int64_t>(elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (dim == shape.size()) {
      result[static_cast<std::size_t>((static_cast<std::int64_t>(i) + by + count) % count)] =
          elements[i];
    } else {
      Shape index = index_of(i, shape);
      index[dim] = (index[dim] + by + shape[dim]) % shape[dim];
      result[offset_of(index, shape)] = elements[i];
    }
  }
  return result;
}

std::vector<double> reversed(const std::vector<double>& elements, const Shape& shape,
                             std::size_t dim) {
  std::vector<double> result(elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i) {
    Shape index = index_of(i, shape);
    index[dim] = shape[dim] - 1 - index[dim];
    result[offset_of(index, shape)] = elements[i];
  }
  return result;
}

/// Where the elements went: "shifted by 1 along dimension 0"; empty if they are not the same
/// elements.
std::string whereabouts(const Case& wrong, const View& view) {
  for (std::size_t dim = 0; dim <= view.shape.size(); ++dim) {
    for (const std::int64_t by : {1, -1}) {
      if (explains(wrong, view, [=](const std::vector<double>& n, const Shape& shape) {
            return rolled(n, shape, dim, by);
          })) {
        return dim == view.shape.size() ? fmt::format("shifted by {}", by)
                                        : fmt::format("shifted by {} along dimension {}", by, dim);
      }
    }
  }
  for (std::size_t dim = 0; dim < view.shape.size(); ++dim) {
    if (explains(wrong, view, [=](const std::vector<double>& n, const Shape& shape) {
          return reversed(n, shape, dim);
        })) {
      return fmt::format("in reverse along dimension {}", dim);
    }
  }
  return "";
}

}  // namespace

std::optional<Finding> exchanged(const Case& wrong) {
  for (std::size_t other = 0; other < wrong.problem.leaves.size(); ++other) {
    if (other != wrong.leaf && wrong.problem.leaves[other].requires_grad() &&
        is_gradient_of(wrong, other)) {
      return Finding{Diagnosis::exchanged,
                     fmt::format("analytic is the gradient of input {}. The backward function "
                                 "returns its gradients in another order than that of the inputs "
                                 "given to record()",
                                 other)};
    }
  }
  return std::nullopt;
}

std::optional<Finding> ignores_cotangent(const Case& wrong) {
  if (!weighed_by(wrong, [](std::vector<double> weights) {
        std::ranges::fill(weights, 1.0);
        return weights;
      })) {
    return std::nullopt;
  }
  return Finding{Diagnosis::ignores_cotangent,
                 "analytic is the gradient that an incoming gradient of ones would give. The "
                 "backward function returns the derivative alone, and must multiply it by "
                 "backward.grad()"};
}

std::optional<Finding> ignores_output(const Case& wrong) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < wrong.evidence.shapes.size(); ++i) {
    const auto count = static_cast<std::size_t>(numel(wrong.evidence.shapes[i]));
    if (wrong.evidence.shapes.size() > 1 && weighed_by(wrong, [&](std::vector<double> weights) {
          std::ranges::fill(std::span(weights).subspan(begin, count), 0.0);
          return weights;
        })) {
      return Finding{Diagnosis::ignores_output,
                     fmt::format("analytic lacks what comes by way of output {}. The backward "
                                 "function must use backward.grad({}) too",
                                 i, i)};
    }
    begin += count;
  }
  return std::nullopt;
}

std::optional<Finding> transposed(const Case& wrong) {
  const auto found = [](const std::vector<std::size_t>& order, const std::string& what) {
    return Finding{Diagnosis::transposed,
                   fmt::format("analytic is right for {} with its dimensions in the order {}. A "
                               "transpose is missing, or one too many",
                               what, order)};
  };
  std::optional<Finding> result;
  for (const View& view : views(wrong.evidence, wrong.problem, wrong.leaf)) {
    if (any_order(view.shape, [&](const std::vector<std::size_t>& order) {
          const std::vector<std::size_t> sources = permuted_sources(view.shape, order);
          const bool yes = explains(wrong, view, [&](const std::vector<double>& n, const Shape&) {
            return taken(n, sources);
          });
          result = found(order, "the gradient");
          return yes;
        })) {
      return result;
    }
  }
  if (wrong.evidence.shapes.size() == 1 &&
      any_order(wrong.evidence.shapes[0], [&](const std::vector<std::size_t>& order) {
        const std::vector<std::size_t> sources = permuted_sources(wrong.evidence.shapes[0], order);
        result = found(order, "an incoming gradient");
        return weighed_by(wrong, [&](const std::vector<double>& u) { return taken(u, sources); });
      })) {
    return result;
  }
  return std::nullopt;
}

std::optional<Finding> misplaced(const Case& wrong) {
  for (const View& view : views(wrong.evidence, wrong.problem, wrong.leaf)) {
    const std::string where = whereabouts(wrong, view);
    if (!where.empty()) {
      return Finding{
          Diagnosis::misplaced,
          fmt::format("analytic has the elements of numeric, {}. An index is wrong", where)};
    }
  }
  for (std::size_t d = 0; d < wrong.draws(); ++d) {
    std::vector<double> a = wrong.analytic(d);
    std::vector<double> n = wrong.numeric(d);
    std::ranges::sort(a);
    std::ranges::sort(n);
    if (!close(a, n)) {
      return std::nullopt;
    }
  }
  return Finding{Diagnosis::misplaced,
                 "analytic has the elements of numeric, in other places. An index is wrong"};
}

}  // namespace weft::detail
