#include "models/search/decode.hpp"

#include <algorithm>

#include "data/settings/settings.hpp"
#include "models/interruption.hpp"
#include "models/search/batch_search.hpp"

namespace weft::models {
namespace {

/// Runs the search to the end. Returns the translations of each sentence, in the order in which the
/// sentences were added.
std::vector<std::vector<Hypothesis>> run(BatchSearch& search) {
  std::vector<std::vector<Hypothesis>> results(static_cast<std::size_t>(search.sentences()));
  while (search.rows() > 0) {
    interruption_point();
    search.step();
  }
  for (auto& [number, translations] : search.take()) {
    results[static_cast<std::size_t>(number)] = std::move(translations);
  }
  return results;
}

}  // namespace

void validate(const DecodeOptions& options) {
  data::SettingsView(options).check_ranges("search");
  if (!(options.top_p > 0)) {
    fail("search: top_p out of range; got {}; expected more than 0", options.top_p);
  }
  if (options.nbest < 1) {
    fail("search: nbest out of range; got {}; expected at least 1", options.nbest);
  }
  if (options.nbest > options.beam) {
    fail("search: nbest exceeds the beam; got {}; expected at most {}", options.nbest,
         options.beam);
  }
  if (options.temperature > 0 && options.beam > 1) {
    fail("search: sampling does not use a beam; got beam {}; expected 1", options.beam);
  }
  if (options.max_length > 0 && options.min_length > options.max_length) {
    fail("search: min_length exceeds max_length; got {}; expected at most {}", options.min_length,
         options.max_length);
  }
}

std::int64_t length_limit(const DecodeOptions& options, std::int64_t source_length) {
  const std::int64_t usual = std::max(2 * source_length + 10, options.min_length);
  return options.max_length > 0 ? options.max_length : usual;
}

Products products_of(const DecodeOptions& options) {
  return options.deterministic ? Products::own : products();
}

std::vector<std::vector<Hypothesis>> decode(const Seq2Seq& model, const data::SourceBatch& batch,
                                            const DecodeOptions& options,
                                            const SentenceOptions& sentences,
                                            const data::LineRules& rules) {
  const ProductsGuard guard(products_of(options));
  BatchSearch search(model, options, method_of(options), rules);
  search.add(batch, sentences);
  return run(search);
}

std::vector<std::vector<std::int64_t>> greedy(const Seq2Seq& model, const data::SourceBatch& batch,
                                              const DecodeOptions& options) {
  const ProductsGuard guard(products_of(options));
  BatchSearch search(model, options, Method::greedy);
  search.add(batch);
  std::vector<std::vector<std::int64_t>> results;
  for (std::vector<Hypothesis>& list : run(search)) {
    results.push_back(std::move(list.front().tokens));
  }
  return results;
}

}  // namespace weft::models
