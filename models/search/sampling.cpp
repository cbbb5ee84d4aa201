#include "models/search/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "autograd/random.hpp"
#include "data/text/vocabulary.hpp"

namespace weft::models {
namespace {

struct Candidate {
  std::int64_t token;
  double p;  // not normalized
};

/// e^((x - largest) / T) for each token that may be drawn.
std::vector<Candidate> candidates(std::span<const float> logits, double largest,
                                  double temperature) {
  const std::span<const float> x = logits.subspan(data::kEos);
  std::vector<Candidate> all;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double p = std::exp((static_cast<double>(x[i]) - largest) / temperature);
    if (p > 0) {  // also false for NaN, from -inf - -inf when all tokens are excluded
      all.push_back({data::kEos + static_cast<std::int64_t>(i), p});
    }
  }
  return all;
}

double total(const std::vector<Candidate>& all) {
  return std::accumulate(all.begin(), all.end(), 0.0,
                         [](double sum, const Candidate& x) { return sum + x.p; });
}

/// Keeps only the most probable tokens.
void cut(std::vector<Candidate>& all, const DecodeOptions& options) {
  std::ranges::stable_sort(all, std::greater(), &Candidate::p);
  if (options.top_k > 0 && std::ssize(all) > options.top_k) {
    all.resize(static_cast<std::size_t>(options.top_k));
  }
  const double share = options.top_p * total(all);
  double sum = 0;
  std::size_t kept = 0;
  while (kept < all.size() && sum < share) {
    sum += all[kept++].p;
  }
  all.resize(kept);
}

}  // namespace

std::int64_t draw_token(std::span<const float> logits, std::int64_t best,
                        const DecodeOptions& options, double u) {
  const auto largest = static_cast<double>(logits[static_cast<std::size_t>(best)]);
  std::vector<Candidate> all = candidates(logits, largest, options.temperature);
  if (options.top_k > 0 || options.top_p < 1) {
    cut(all, options);
  }
  double rest = u * total(all);
  for (const Candidate& x : all) {
    rest -= x.p;
    if (rest < 0) {
      return x.token;
    }
  }
  return all.empty() ? data::kEos : all.back().token;  // rounding errors left a remainder
}

double draw_number(const DecodeOptions& options, std::uint64_t key, std::int64_t place) {
  const auto words = philox(options.seed, key, static_cast<std::uint64_t>(place));
  return static_cast<double>((std::uint64_t{words[0]} << 21) ^ (words[1] >> 11)) * 0x1.0p-53;
}

}  // namespace weft::models
