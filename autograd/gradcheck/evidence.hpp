#pragma once

#include "autograd/gradcheck/gradcheck.hpp"
#include "autograd/gradcheck/problem.hpp"

/// The data for a diagnosis: not one element but whole gradients, for several draws of the weights,
/// and the Jacobian, which gives the result for any other weights.
namespace weft::detail {

/// Analytic and numeric gradients of <F, weights>.
struct Draw {
  std::vector<Tensor> weights;
  Values analytic;
  Values numeric;
};

struct Evidence {
  std::vector<Shape> shapes;       ///< of F
  std::vector<Draw> draws;         ///< the first is the one that failed
  std::vector<Values> jacobian;    ///< per leaf, [element of the leaf][element of F]
  std::vector<std::size_t> wrong;  ///< leaves with a wrong gradient, worst first
};

/// `tolerance` separates right from wrong. A large Jacobian is left out, with all draws but one.
Evidence gather(const Problem& problem, const Comparison& comparison, double tolerance,
                Generator& generator);

/// One wrong gradient.
struct Case {
  const Problem& problem;
  const Evidence& evidence;
  std::size_t leaf;
  double tolerance;

  const Shape& shape() const { return problem.leaves[leaf].shape(); }
  std::size_t size() const { return analytic(0).size(); }
  std::size_t draws() const { return evidence.draws.size(); }
  const std::vector<double>& analytic(std::size_t draw) const {
    return evidence.draws[draw].analytic[leaf];
  }
  const std::vector<double>& numeric(std::size_t draw) const {
    return evidence.draws[draw].numeric[leaf];
  }
  /// Whether element j is wrong in any draw.
  bool wrong(std::size_t j) const;
  bool has_jacobian() const { return !evidence.jacobian.empty(); }
};

/// J^T w for one leaf: the numeric gradient for other weights, all of F in one list.
std::vector<double> numeric_for(const Evidence& evidence, std::size_t leaf,
                                const std::vector<double>& weights);

/// The weights of a draw as one list.
std::vector<double> joined(const std::vector<Tensor>& weights);

/// Equal up to the errors of finite differences.
bool close(const std::vector<double>& a, const std::vector<double>& b);

double largest(const std::vector<double>& values);

}  // namespace weft::detail
