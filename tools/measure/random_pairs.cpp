#include "tools/measure/random_pairs.hpp"

#include <numeric>

#include "autograd/random.hpp"
#include "data/text/vocabulary.hpp"

namespace weft::tools {
namespace {

/// Random ids of words and <unk>, the last special token.
std::vector<std::int64_t> random_sentence(std::int64_t vocabulary, std::int64_t length) {
  std::vector<std::int64_t> sentence;
  const Tensor draws = rand({length}, 0, 1, default_generator(), DType::float64);
  for (const double draw : draws.to_vector<double>()) {
    const auto choices = static_cast<double>(vocabulary - data::kUnk);
    sentence.push_back(data::kUnk + static_cast<std::int64_t>(draw * choices));
  }
  return sentence;
}

}  // namespace

std::vector<data::SentencePair> random_pairs(const models::ModelConfig& config,
                                             std::int64_t sentences, std::int64_t tokens) {
  std::vector<data::SentencePair> pairs;
  for (std::int64_t row = 0; row < sentences; ++row) {
    std::vector<std::int64_t> source = random_sentence(config.source_vocab, tokens);
    pairs.push_back({std::move(source), random_sentence(config.target_vocab, tokens - 1)});
  }
  return pairs;
}

std::vector<std::int64_t> all_rows(std::int64_t count) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  return rows;
}

}  // namespace weft::tools
