#include "autograd/gradcheck/view.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace weft::detail {
namespace {

/// Whether each element of the output depends only on the element of the leaf given by `sources`.
bool elementwise(const Values& jacobian, const std::vector<std::size_t>& sources) {
  for (std::size_t j = 0; j < jacobian.size(); ++j) {
    for (std::size_t o = 0; o < sources.size(); ++o) {
      if (sources[o] != j && std::abs(jacobian[j][o]) > 1e-7) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

std::size_t offset_of(const Shape& index, const Shape& shape) {
  std::int64_t offset = 0;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    offset = offset * shape[d] + index[d];
  }
  return static_cast<std::size_t>(offset);
}

Shape index_of(std::size_t offset, const Shape& shape) {
  Shape index(shape.size());
  auto rest = static_cast<std::int64_t>(offset);
  for (std::size_t d = shape.size(); d-- > 0;) {
    index[d] = rest % shape[d];
    rest /= shape[d];
  }
  return index;
}

std::vector<std::size_t> broadcast_sources(const Shape& from, const Shape& to) {
  std::vector<std::size_t> sources(static_cast<std::size_t>(numel(to)));
  const std::size_t extra = to.size() - from.size();
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Shape index = index_of(i, to);
    Shape source(index.begin() + static_cast<std::ptrdiff_t>(extra), index.end());
    for (std::size_t d = 0; d < source.size(); ++d) {
      source[d] = from[d] == 1 ? 0 : source[d];
    }
    sources[i] = offset_of(source, from);
  }
  return sources;
}

std::vector<std::size_t> permuted_sources(const Shape& shape,
                                          const std::vector<std::size_t>& order) {
  Shape permuted(shape.size());
  std::ranges::transform(order, permuted.begin(), [&](std::size_t d) { return shape[d]; });
  std::vector<std::size_t> sources(static_cast<std::size_t>(numel(shape)));
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Shape index = index_of(i, permuted);
    Shape source(shape.size());
    for (std::size_t d = 0; d < order.size(); ++d) {
      source[order[d]] = index[d];
    }
    sources[i] = offset_of(source, shape);
  }
  return sources;
}

std::vector<double> taken(const std::vector<double>& elements,
                          const std::vector<std::size_t>& sources) {
  std::vector<double> result(sources.size());
  std::ranges::transform(sources, result.begin(), [&](std::size_t i) { return elements[i]; });
  return result;
}

std::vector<double> collapsed(const std::vector<double>& elements,
                              const std::vector<std::size_t>& target, std::size_t size) {
  std::vector<double> sum(size);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    sum[target[i]] += elements[i];
  }
  return sum;
}

std::vector<View> views(const Evidence& evidence, const Problem& problem, std::size_t leaf) {
  const Shape& shape = problem.leaves[leaf].shape();
  View plain{.shape = shape, .elements = {}, .target = {}};
  for (const Draw& draw : evidence.draws) {
    plain.elements.push_back(draw.numeric[leaf]);
  }
  plain.target.resize(plain.elements[0].size());
  std::iota(plain.target.begin(), plain.target.end(), std::size_t{0});
  std::vector<View> result = {std::move(plain)};

  if (evidence.jacobian.empty() || evidence.shapes.size() != 1 || shape == evidence.shapes[0] ||
      !broadcasts_to(shape, evidence.shapes[0])) {
    return result;
  }
  const std::vector<std::size_t> sources = broadcast_sources(shape, evidence.shapes[0]);
  const Values& jacobian = evidence.jacobian[leaf];
  if (elementwise(jacobian, sources)) {
    View unsummed{.shape = evidence.shapes[0], .elements = {}, .target = sources};
    for (const Draw& draw : evidence.draws) {
      std::vector<double> elements = joined(draw.weights);
      for (std::size_t o = 0; o < elements.size(); ++o) {
        elements[o] *= jacobian[sources[o]][o];
      }
      unsummed.elements.push_back(std::move(elements));
    }
    result.push_back(std::move(unsummed));
  }
  return result;
}

}  // namespace weft::detail
