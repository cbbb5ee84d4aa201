#pragma once

#include <algorithm>

#include "autograd/gradcheck/evidence.hpp"

/// Two views of a correct gradient: as it is, and, for an input that an elementwise op broadcast,
/// before it was summed back. A bug in a backward function may have affected either.
namespace weft::detail {

struct View {
  Shape shape;
  Values elements;                  ///< per draw
  std::vector<std::size_t> target;  ///< the element of the leaf to which each of them is added
};

/// The gradient of `leaf` as it is, and also unsummed if `leaf` was broadcast to the only output.
std::vector<View> views(const Evidence& evidence, const Problem& problem, std::size_t leaf);

/// Sums `elements` into a leaf of `size` elements.
std::vector<double> collapsed(const std::vector<double>& elements,
                              const std::vector<std::size_t>& target, std::size_t size);

/// Whether analytic = collapse(change(numeric)) in every draw, for one of the views; `change`
/// receives the elements and their shape.
template <class F>
bool explains(const Case& wrong, const View& view, F&& change) {
  for (std::size_t draw = 0; draw < wrong.draws(); ++draw) {
    const std::vector<double> changed = change(view.elements[draw], view.shape);
    if (!close(collapsed(changed, view.target, wrong.size()), wrong.analytic(draw))) {
      return false;
    }
  }
  return true;
}
template <class F>
bool explains(const Case& wrong, F&& change) {
  const std::vector<View> all = views(wrong.evidence, wrong.problem, wrong.leaf);
  return std::ranges::any_of(all, [&](const View& view) { return explains(wrong, view, change); });
}

/// Whether analytic is the numeric gradient for other weights in every draw; `change` computes them
/// from the weights of a draw.
template <class F>
bool weighed_by(const Case& wrong, F&& change) {
  for (std::size_t d = 0; wrong.has_jacobian() && d < wrong.draws(); ++d) {
    const std::vector<double> weights = change(joined(wrong.evidence.draws[d].weights));
    if (!close(numeric_for(wrong.evidence, wrong.leaf, weights), wrong.analytic(d))) {
      return false;
    }
  }
  return wrong.has_jacobian();
}

/// The offset of the element at `index` in a tensor of `shape`, and the inverse.
std::size_t offset_of(const Shape& index, const Shape& shape);
Shape index_of(std::size_t offset, const Shape& shape);

/// For each element of `to`, the element of `from` that is broadcast to it.
std::vector<std::size_t> broadcast_sources(const Shape& from, const Shape& to);

/// For each element of a tensor of `shape` with its dimensions permuted to `order`, the
/// corresponding element of the original tensor.
std::vector<std::size_t> permuted_sources(const Shape& shape,
                                          const std::vector<std::size_t>& order);

std::vector<double> taken(const std::vector<double>& elements,
                          const std::vector<std::size_t>& sources);

}  // namespace weft::detail
