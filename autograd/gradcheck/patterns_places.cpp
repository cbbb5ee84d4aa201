#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/gradcheck/patterns.hpp"
#include "autograd/gradcheck/view.hpp"

namespace weft::detail {
namespace {

/// One index along one dimension.
struct Slice {
  std::size_t dim;
  std::int64_t index;
};

/// All slices that are not the whole tensor.
std::vector<Slice> slices(const Shape& shape) {
  std::vector<Slice> result;
  for (std::size_t dim = 0; dim < shape.size(); ++dim) {
    for (std::int64_t i = 0; shape[dim] > 1 && i < shape[dim]; ++i) {
      result.push_back({dim, i});
    }
  }
  return result;
}

bool within(std::size_t element, const Shape& shape, const Slice& slice) {
  return index_of(element, shape)[slice.dim] == slice.index;
}

/// Whether analytic is right if only one slice of the only output counts, or everything but that
/// slice.
bool counts(const Case& wrong, const Slice& slice, bool inside) {
  return weighed_by(wrong, [&](std::vector<double> weights) {
    for (std::size_t o = 0; o < weights.size(); ++o) {
      if (within(o, wrong.evidence.shapes[0], slice) != inside) {
        weights[o] = 0;
      }
    }
    return weights;
  });
}

/// Wrong elements versus right ones; elements that should be zero are ignored.
struct Sides {
  std::vector<std::size_t> wrong;
  std::vector<std::size_t> right;
};

Sides sides(const Case& wrong) {
  Sides result;
  for (std::size_t j = 0; j < wrong.size(); ++j) {
    bool zero = true;
    for (std::size_t d = 0; d < wrong.draws(); ++d) {
      zero = zero && std::abs(wrong.numeric(d)[j]) < 1e-7;
    }
    if (wrong.wrong(j)) {
      result.wrong.push_back(j);
    } else if (!zero) {
      result.right.push_back(j);
    }
  }
  return result;
}

/// What the wrong elements have in common: "There analytic is zero. "
std::string relation(const Case& wrong, const std::vector<std::size_t>& where) {
  double smallest = std::numeric_limits<double>::infinity();
  double greatest = -smallest;
  bool zero = true;
  for (std::size_t d = 0; d < wrong.draws(); ++d) {
    for (const std::size_t j : where) {
      const double ratio = wrong.analytic(d)[j] / wrong.numeric(d)[j];
      smallest = std::min(smallest, ratio);
      greatest = std::max(greatest, ratio);
      zero = zero && wrong.analytic(d)[j] == 0;
    }
  }
  if (zero) {
    return "There analytic is zero. ";
  }
  return greatest - smallest < 1e-4 * std::abs(greatest)
             ? fmt::format("There analytic = {:.6g} x numeric. ", (smallest + greatest) / 2)
             : "";
}

std::optional<Finding> one_element(const Case& wrong, const Sides& sides) {
  if (sides.wrong.size() != 1 || wrong.size() < 2) {
    return std::nullopt;
  }
  return Finding{Diagnosis::one_element,
                 fmt::format("of {} elements only {} is wrong. {}A loop or a condition treats it "
                             "otherwise than the rest",
                             wrong.size(), index_of(sides.wrong[0], wrong.shape()),
                             relation(wrong, sides.wrong))};
}

/// analytic = numeric + c times one element of the gradient before it was summed back.
std::optional<Finding> one_unsummed_element(const Case& wrong, const Sides& sides) {
  const View view = views(wrong.evidence, wrong.problem, wrong.leaf).back();
  for (std::size_t o = 0; sides.wrong.size() == 1 && o < view.target.size(); ++o) {
    const std::size_t j = sides.wrong[0];
    const double c = (wrong.analytic(0)[j] - wrong.numeric(0)[j]) / view.elements[0][o];
    if (view.target[o] == j && explains(wrong, view, [=](std::vector<double> n, const Shape&) {
          n[o] *= 1 + c;
          return n;
        })) {
      return Finding{Diagnosis::one_element,
                     fmt::format("of what is to be summed over the dimensions along which the "
                                 "input was broadcast, only {} is wrong, by a factor of {:.6g}. A "
                                 "loop or a condition treats it otherwise than the rest",
                                 index_of(o, view.shape), 1 + c)};
    }
  }
  return std::nullopt;
}

std::optional<Finding> slice_of_input(const Case& wrong, const Sides& sides) {
  for (const Slice& slice : slices(wrong.shape())) {
    const auto inside = [&](std::size_t j) { return within(j, wrong.shape(), slice); };
    if (std::ranges::all_of(sides.wrong, inside) && std::ranges::none_of(sides.right, inside) &&
        !sides.right.empty()) {
      return Finding{Diagnosis::slice,
                     fmt::format("wrong at index {} of dimension {} and right elsewhere. {}A loop "
                                 "begins too late, ends too early, or treats it otherwise",
                                 slice.index, slice.dim, relation(wrong, sides.wrong))};
    }
  }
  return std::nullopt;
}

std::optional<Finding> slice_of_output(const Case& wrong) {
  if (wrong.evidence.shapes.size() != 1) {
    return std::nullopt;
  }
  for (const Slice& slice : slices(wrong.evidence.shapes[0])) {
    if (counts(wrong, slice, false)) {
      return Finding{Diagnosis::slice,
                     fmt::format("analytic lacks what comes by way of index {} of dimension {} of "
                                 "the output. A loop begins too late or ends too early",
                                 slice.index, slice.dim)};
    }
  }
  return std::nullopt;
}

/// Whether all wrong elements are above, or all below, the right ones in `quantity`.
template <class F>
std::optional<std::string> divided(const Sides& sides, F&& quantity) {
  const auto [low_wrong, high_wrong] = std::ranges::minmax(sides.wrong, {}, quantity);
  const auto [low_right, high_right] = std::ranges::minmax(sides.right, {}, quantity);
  const auto between = [](double below, double above) {
    return below < 0 && above > 0 ? 0.0 : (below + above) / 2;
  };
  if (quantity(low_wrong) > quantity(high_right)) {
    return fmt::format("above {:.2g}", between(quantity(high_right), quantity(low_wrong)));
  }
  if (quantity(high_wrong) < quantity(low_right)) {
    return fmt::format("below {:.2g}", between(quantity(high_wrong), quantity(low_right)));
  }
  return std::nullopt;
}

std::optional<Finding> some_values(const Case& wrong, const Sides& sides) {
  if (sides.right.empty() || sides.wrong.size() < 2) {
    return std::nullopt;
  }
  const std::span<const double> x = wrong.problem.leaves[wrong.leaf].data<double>();
  const auto described = [&](const std::string& what, const std::string& where) {
    return Finding{Diagnosis::some_values,
                   fmt::format("wrong only where {} is {}. {}The derivative lacks that case", what,
                               where, relation(wrong, sides.wrong))};
  };
  if (const auto where = divided(sides, [x](std::size_t j) { return x[j]; })) {
    return described("the input", *where);
  }
  if (const auto where = divided(sides, [x](std::size_t j) { return std::abs(x[j]); })) {
    return described("the input's absolute value", *where);
  }
  return std::nullopt;
}

/// Whether only the first of the positions to which an element was broadcast counts.
bool first_place_alone(const Case& wrong) {
  const View view = views(wrong.evidence, wrong.problem, wrong.leaf).back();
  return view.target.size() > wrong.size() &&
         explains(wrong, view, [&](std::vector<double> n, const Shape&) {
           std::vector<bool> seen(wrong.size());
           for (std::size_t o = 0; o < n.size(); ++o) {
             n[o] = seen[view.target[o]] ? 0 : n[o];
             seen[view.target[o]] = true;
           }
           return n;
         });
}

}  // namespace

std::optional<Finding> broadcast_sum(const Case& wrong) {
  if (wrong.evidence.shapes.size() != 1) {
    return std::nullopt;
  }
  if (first_place_alone(wrong)) {
    return Finding{Diagnosis::broadcast_sum,
                   "each element of the input was broadcast to several of the output, and analytic "
                   "is the gradient by way of the first of them alone. The sum over the others is "
                   "missing"};
  }
  const std::vector<std::size_t> places = sides(wrong).wrong;
  const bool left_out =
      std::ranges::all_of(places, [&](std::size_t j) { return wrong.analytic(0)[j] == 0; });
  const Shape& output = wrong.evidence.shapes[0];
  for (const Slice& slice : slices(output)) {
    if (!left_out && counts(wrong, slice, true)) {
      return Finding{Diagnosis::broadcast_sum,
                     fmt::format("the same input is used at each index of dimension {} of the "
                                 "output, {} times, and analytic is the gradient by way of index "
                                 "{} alone. The sum over that dimension is missing",
                                 slice.dim, output[slice.dim], slice.index)};
    }
  }
  return std::nullopt;
}

std::optional<Finding> extra_sum(const Case& wrong) {
  for (std::size_t dim = 0; dim < wrong.shape().size(); ++dim) {
    for (const bool mean : {false, true}) {
      if (explains(wrong, [&](const std::vector<double>& n, const Shape& shape) {
            if (dim >= shape.size()) {
              return n;
            }
            Shape single = shape;
            single[dim] = 1;
            const std::vector<std::size_t> sources = broadcast_sources(single, shape);
            std::vector<double> sums =
                collapsed(n, sources, static_cast<std::size_t>(numel(single)));
            std::ranges::for_each(
                sums, [&](double& sum) { sum /= mean ? static_cast<double>(shape[dim]) : 1.0; });
            return taken(sums, sources);
          })) {
        return Finding{Diagnosis::extra_sum,
                       fmt::format("every element has the {} of numeric over dimension {}, though "
                                   "the input has that dimension itself. A {} is one too many",
                                   mean ? "mean" : "sum", dim, mean ? "mean" : "sum")};
      }
    }
  }
  return std::nullopt;
}

std::optional<Finding> some_elements(const Case& wrong) {
  const Sides parts = sides(wrong);
  if (auto found = one_element(wrong, parts)) {
    return found;
  }
  if (auto found = slice_of_output(wrong)) {
    return found;
  }
  if (auto found = slice_of_input(wrong, parts)) {
    return found;
  }
  if (auto found = one_unsummed_element(wrong, parts)) {
    return found;
  }
  return some_values(wrong, parts);
}

}  // namespace weft::detail
