#include "models/search/greedy_search.hpp"

#include <algorithm>

#include "data/text/vocabulary.hpp"
#include "models/search/penalties.hpp"
#include "models/search/sampling.hpp"

namespace weft::models {

std::int64_t GreedySearch::last_token(std::int64_t /*row*/) const {
  return found_.tokens.empty() ? data::kBos : found_.tokens.back();
}

History GreedySearch::history(std::int64_t /*row*/, std::int64_t most) const {
  return {sentence_.prefix,
          {found_.tokens.end() - std::min(most, length()), found_.tokens.end()},
          length()};
}

std::int64_t GreedySearch::choose(const NextTokens& next, std::int64_t row) const {
  if (options_.temperature == 0) {
    return next.best(row);
  }
  const double u = draw_number(options_, sentence_.key, std::ssize(found_.tokens));
  return draw_token(next.row(row), next.best(row), options_, u);
}

void GreedySearch::advance(const NextTokens& next, std::int64_t first,
                           std::vector<std::int64_t>& parents) {
  const std::int64_t token = choose(next, first);
  if (options_.scores) {
    found_.score += next.log_p(first, token);
  }
  if (token != data::kEos) {
    found_.tokens.push_back(token);
    if (options_.attention && next.attends()) {
      found_.attention.push_back(next.attention(first, sentence_.source_length));
    }
  }
  ended_ = token == data::kEos || std::ssize(found_.tokens) >= sentence_.limit;
  if (!ended_) {
    parents.push_back(first);
  } else if (options_.scores) {
    const std::int64_t n = std::ssize(found_.tokens) + (token == data::kEos ? 1 : 0);
    found_.score = length_score(options_, found_.score, n);
  }
}

std::vector<Hypothesis> GreedySearch::take() { return {std::move(found_)}; }

}  // namespace weft::models
