#include "data/augment.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace weft::data {
namespace {

constexpr std::int64_t kCuts = 16;
/// Separates these draws from everything else drawn from the same seed ("augment" in ASCII).
constexpr std::uint64_t kStream = 0x6175676D656E74;

Generator generator_of(std::uint64_t seed, std::int64_t row, std::int64_t epoch) {
  const auto words =
      philox(seed ^ kStream, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(row));
  return Generator((std::uint64_t{words[0]} << 32) | words[1]);
}

std::vector<std::int64_t> displaced(const std::vector<std::int64_t>& ids, double k,
                                    Generator& generator) {
  std::vector<std::pair<double, std::int64_t>> places;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    places.emplace_back(static_cast<double>(i) + (k + 1) * generator.uniform(), ids[i]);
  }
  std::ranges::stable_sort(places, {}, &std::pair<double, std::int64_t>::first);
  std::vector<std::int64_t> result;
  for (const auto& [place, id] : places) {
    result.push_back(id);
  }
  return result;
}

}  // namespace

std::vector<std::int64_t> with_noise(std::vector<std::int64_t> ids, const AugmentOptions& options,
                                     Generator& generator) {
  if (options.word_dropout > 0) {
    for (std::int64_t& id : ids) {
      id = generator.uniform() < options.word_dropout ? kUnk : id;
    }
  }
  return options.word_noise > 0 ? displaced(ids, options.word_noise, generator) : ids;
}

std::vector<std::int64_t> sampled(const Language& language, const std::vector<std::int64_t>& ids,
                                  double alpha, Generator& generator) {
  const std::vector<Subwords::Cut> cuts =
      language.tokenizer.subwords().best_cuts(language.decode(ids), kCuts);
  std::vector<double> p;
  for (const Subwords::Cut& cut : cuts) {
    p.push_back(std::exp(alpha * (cut.log_p - cuts.front().log_p)));
  }
  double rest = generator.uniform() * std::accumulate(p.begin(), p.end(), 0.0);
  std::size_t chosen = 0;
  while (chosen + 1 < p.size() && rest >= p[chosen]) {
    rest -= p[chosen++];
  }
  return language.vocabulary.encode(cuts[chosen].pieces);
}

SentencePair Augmenter::make(const SentencePair& pair, std::int64_t row, std::int64_t epoch) const {
  Generator generator = generator_of(seed_, row, epoch);
  SentencePair made = pair;
  if (options_.subword_sampling > 0) {
    made = {sampled(source_, pair.source, options_.subword_sampling, generator),
            sampled(target_, pair.target, options_.subword_sampling, generator)};
  }
  made.source = with_noise(std::move(made.source), options_, generator);
  return made;
}

}  // namespace weft::data
