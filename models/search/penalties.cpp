#include "models/search/penalties.hpp"

#include <algorithm>
#include <cmath>

// Wu et al. 2016, arXiv:1609.08144, eq. 14. With n the number of tokens of a translation y, and
// a_ti the attention weight of its token t on source token i:
//
//     s(y) = log p(y) / lp(n) + cp
//     lp(n) = n^a (average), ((5 + n) / 6)^a (gnmt)
//     cp = beta sum_i log min(sum_t a_ti, 1)
//
// log p only decreases as a hypothesis grows, lp is monotonic in n, and cp is at most 0. So the
// best score that a hypothesis can reach is its log p divided by lp at the next length or at the
// limit.
namespace weft::models {
namespace {

/// A floor for the summed attention: a source token without any would make cp infinite.
constexpr double kLeastCoverage = 1e-6;

}  // namespace

double length_score(const DecodeOptions& options, double log_p, std::int64_t n) {
  const auto length = static_cast<double>(n);
  const double base = options.length_norm == LengthNorm::average ? length : (5 + length) / 6;
  return log_p / std::pow(base, options.length_penalty);
}

double score_bound(const DecodeOptions& options, double log_p, std::int64_t length,
                   std::int64_t limit) {
  return std::max(length_score(options, log_p, length + 1), length_score(options, log_p, limit));
}

double coverage(const DecodeOptions& options, const std::vector<std::vector<float>>& attention) {
  if (options.coverage_penalty == 0 || attention.empty()) {
    return 0;
  }
  double total = 0;
  for (std::size_t i = 0; i < attention.front().size(); ++i) {
    double covered = 0;
    for (const std::vector<float>& weights : attention) {
      covered += static_cast<double>(weights[i]);
    }
    total += std::log(std::clamp(covered, kLeastCoverage, 1.0));
  }
  return options.coverage_penalty * total;
}

}  // namespace weft::models
