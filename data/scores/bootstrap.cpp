#include "data/scores/bootstrap.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "autograd/error.hpp"
#include "autograd/random.hpp"

namespace weft::data {

Interval bootstrap_interval(const std::vector<NGramTable>& sentences,
                            const std::function<double(const NGramTable& counts)>& score,
                            const Bootstrap& bootstrap) {
  if (sentences.empty() || bootstrap.resamples < 1) {
    fail("bootstrap: nothing to resample; got {} resamples of {} sentences", bootstrap.resamples,
         sentences.size());
  }
  Generator generator(bootstrap.seed);
  std::vector<double> scores;
  scores.reserve(static_cast<std::size_t>(bootstrap.resamples));
  for (std::int64_t i = 0; i < bootstrap.resamples; ++i) {
    NGramTable counts(sentences.front().size());
    for (std::size_t drawn = 0; drawn < sentences.size(); ++drawn) {
      add(counts, sentences[static_cast<std::size_t>(generator.integer(std::ssize(sentences)))]);
    }
    scores.push_back(score(counts));
  }
  std::sort(scores.begin(), scores.end());
  const std::size_t left_out = scores.size() / 40;
  return {scores[left_out], scores[scores.size() - 1 - left_out]};
}

}  // namespace weft::data
