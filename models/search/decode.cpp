#include "models/search/decode.hpp"

#include <algorithm>

#include "models/search/search.hpp"

namespace weft::models {
namespace {

/// Searches to the end; the translations of each sentence, in the order of adding.
std::vector<std::vector<Hypothesis>> run(Search& search) {
  std::vector<std::vector<Hypothesis>> results(static_cast<std::size_t>(search.sentences()));
  while (search.rows() > 0) {
    search.step();
  }
  for (auto& [number, translations] : search.take()) {
    results[static_cast<std::size_t>(number)] = std::move(translations);
  }
  return results;
}

void check_range(const char* option, double value, double low, double high) {
  if (!(value >= low && value <= high)) {
    fail("search: {} out of range; got {}; expected [{}, {}]", option, value, low, high);
  }
}

}  // namespace

void validate(const DecodeOptions& options) {
  constexpr double kMany = 1e9;
  const auto count = [&](const char* option, std::int64_t value, double low) {
    check_range(option, static_cast<double>(value), low, kMany);
  };
  count("beam", options.beam, 1);
  count("nbest", options.nbest, 1);
  count("no_repeat_ngram", options.no_repeat_ngram, 0);
  count("min_length", options.min_length, 0);
  count("max_length", options.max_length, 0);
  count("top_k", options.top_k, 0);
  check_range("length_penalty", options.length_penalty, -10, 10);
  check_range("coverage_penalty", options.coverage_penalty, 0, kMany);
  check_range("repetition_penalty", options.repetition_penalty, 1e-3, 1e3);
  check_range("temperature", options.temperature, 0, kMany);
  check_range("top_p", options.top_p, 1e-9, 1);
  if (options.nbest > options.beam) {
    fail("search: more translations than the beam keeps; got nbest {}; expected at most {}",
         options.nbest, options.beam);
  }
  if (options.temperature > 0 && options.beam > 1) {
    fail("search: tokens are drawn for one hypothesis; got beam {}; expected 1", options.beam);
  }
  if (options.max_length > 0 && options.min_length > options.max_length) {
    fail("search: the least length is above the largest; got {}; expected at most {}",
         options.min_length, options.max_length);
  }
}

std::int64_t length_limit(const DecodeOptions& options, std::int64_t source_length) {
  const std::int64_t usual = std::max(2 * source_length + 10, options.min_length);
  return options.max_length > 0 ? options.max_length : usual;
}

std::vector<std::vector<Hypothesis>> decode(const Seq2Seq& model, const data::SourceBatch& batch,
                                            const DecodeOptions& options,
                                            const SentenceOptions& sentences) {
  Search search(model, options);
  search.add(batch, sentences);
  return run(search);
}

std::vector<std::vector<std::int64_t>> greedy(const Seq2Seq& model, const data::SourceBatch& batch,
                                              const DecodeOptions& options) {
  Search search(model, options, Method::single);
  search.add(batch);
  std::vector<std::vector<std::int64_t>> results;
  for (std::vector<Hypothesis>& list : run(search)) {
    results.push_back(std::move(list.front().tokens));
  }
  return results;
}

std::vector<std::vector<Hypothesis>> beam_search(const Seq2Seq& model,
                                                 const data::SourceBatch& batch,
                                                 const DecodeOptions& options,
                                                 const SentenceOptions& sentences) {
  Search search(model, options, Method::beam);
  search.add(batch, sentences);
  return run(search);
}

}  // namespace weft::models
