#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "autograd/gradcheck/patterns.hpp"
#include "autograd/gradcheck/view.hpp"

namespace weft::detail {
namespace {

/// c as a fraction if it is one of small numbers: "2", "1/3", "-3/2"; otherwise "0.123457".
std::string fraction(double c) {
  constexpr int kLargestDenominator = 12;
  for (int q = 1; q <= kLargestDenominator; ++q) {
    const double p = std::round(c * q);
    if (p != 0 && std::abs(c * q - p) < 1e-4 * std::abs(p)) {
      return q == 1 ? fmt::format("{:g}", p) : fmt::format("{:g}/{}", p, q);
    }
  }
  return fmt::format("{:.6g}", c);
}

/// Explains a size: "3 is the size of dimension 1 of output 0"; empty if it matches nothing.
std::string origin(const Case& wrong, double size) {
  const auto described = [size](const Shape& shape, const std::string& whose) -> std::string {
    for (std::size_t d = 0; d < shape.size(); ++d) {
      if (std::abs(size - static_cast<double>(shape[d])) < 1e-3) {
        return fmt::format("{} is the size of dimension {} of {}", shape[d], d, whose);
      }
    }
    return std::abs(size - static_cast<double>(numel(shape))) < 1e-3
               ? fmt::format("{} is the number of elements of {}", numel(shape), whose)
               : "";
  };
  if (size < 2.5) {  // factors of two usually have other causes
    return "";
  }
  for (std::size_t i = 0; i < wrong.problem.leaves.size(); ++i) {
    std::string text = described(wrong.problem.leaves[i].shape(), fmt::format("input {}", i));
    if (!text.empty()) {
      return text;
    }
  }
  for (std::size_t i = 0; i < wrong.evidence.shapes.size(); ++i) {
    std::string text = described(wrong.evidence.shapes[i], fmt::format("output {}", i));
    if (!text.empty()) {
      return text;
    }
  }
  return "";
}

/// c such that analytic = c numeric in every draw; NaN if there is none.
double common_factor(const Case& wrong) {
  double product = 0;
  double square = 0;
  for (std::size_t d = 0; d < wrong.draws(); ++d) {
    const std::vector<double>& n = wrong.numeric(d);
    product += std::inner_product(n.begin(), n.end(), wrong.analytic(d).begin(), 0.0);
    square += std::inner_product(n.begin(), n.end(), n.begin(), 0.0);
  }
  const double c = product / square;
  for (std::size_t d = 0; d < wrong.draws(); ++d) {
    std::vector<double> scaled = wrong.numeric(d);
    std::ranges::for_each(scaled, [c](double& n) { n *= c; });
    if (!close(scaled, wrong.analytic(d))) {
      return std::numeric_limits<double>::quiet_NaN();
    }
  }
  return c;
}

/// The number of output elements to which each element of the leaf was broadcast; 1 if it was not.
double times_broadcast(const Case& wrong) {
  const std::vector<View> both = views(wrong.evidence, wrong.problem, wrong.leaf);
  const std::vector<double>& unsummed = both.back().elements[0];
  return static_cast<double>(unsummed.size()) / static_cast<double>(wrong.size());
}

}  // namespace

std::optional<Finding> zero(const Case& wrong) {
  for (std::size_t d = 0; d < wrong.draws(); ++d) {
    if (largest(wrong.analytic(d)) != 0) {
      return std::nullopt;
    }
  }
  return Finding{Diagnosis::zero,
                 "analytic is zero in every element, though the outputs depend on this input. The "
                 "backward function returns zeros for it, or nothing"};
}

std::optional<Finding> factor(const Case& wrong) {
  const double c = common_factor(wrong);
  // This rejects NaN, too. A factor of almost 1 indicates another error, hidden by one term.
  if (!(std::abs(c) > 1e-9) || std::abs(c - 1) < 1e-3) {
    return std::nullopt;
  }
  if (std::abs(c + 1) < 1e-4) {
    return Finding{Diagnosis::sign,
                   "analytic = -numeric in every element. A minus of the derivative is missing, "
                   "or one too many"};
  }
  const double copies = times_broadcast(wrong);
  if (copies > 1 && std::abs(c * copies - 1) < 1e-4) {
    return Finding{Diagnosis::broadcast_sum,
                   fmt::format("analytic = {} x numeric in every element, and each element of the "
                               "input was broadcast to {:g} of the output. Their gradients are to "
                               "be summed; here they are averaged, or one stands for all",
                               fraction(c), copies)};
  }
  const std::string from = origin(wrong, std::abs(c) < 1 ? 1 / std::abs(c) : std::abs(c));
  return Finding{Diagnosis::factor,
                 fmt::format("analytic = {} x numeric in every element{}. A factor of the "
                             "derivative is missing, or one too many",
                             fraction(c), from.empty() ? "" : "; " + from)};
}

std::optional<Finding> offset(const Case& wrong) {
  const double c = wrong.analytic(0)[0] - wrong.numeric(0)[0];
  if (!explains(wrong, views(wrong.evidence, wrong.problem, wrong.leaf)[0],
                [c](std::vector<double> n, const Shape&) {
                  std::ranges::for_each(n, [c](double& x) { x += c; });
                  return n;
                })) {
    return std::nullopt;
  }
  return Finding{Diagnosis::offset,
                 fmt::format("analytic = numeric + {:.6g} in every element, whatever the incoming "
                             "gradient is. A constant is added that is not part of the derivative",
                             c)};
}

std::optional<Finding> function_of_right(const Case& wrong) {
  double cap = 0;
  for (std::size_t d = 0; d < wrong.draws(); ++d) {
    cap = std::max(cap, largest(wrong.analytic(d)));
  }
  const auto is = [&](auto f) {
    return explains(wrong, [f](std::vector<double> n, const Shape&) {
      std::ranges::transform(n, n.begin(), f);
      return n;
    });
  };
  std::string what;
  if (is([](double n) { return std::abs(n); })) {
    what = "|numeric|";
  } else if (is([](double n) { return n * n; })) {
    what = "numeric^2";
  } else if (is([](double n) { return std::max(n, 0.0); })) {
    what = "max(numeric, 0)";
  } else if (is([](double n) { return std::min(n, 0.0); })) {
    what = "min(numeric, 0)";
  } else if (is([cap](double n) { return std::clamp(n, -cap, cap); })) {
    what = fmt::format("numeric cut off at +-{:.6g}", cap);
  } else {
    return std::nullopt;
  }
  return Finding{Diagnosis::function,
                 fmt::format("analytic = {} in every element. A gradient is linear in the "
                             "incoming gradient, this is not",
                             what)};
}

}  // namespace weft::detail
