#include "models/translation/evaluate.hpp"

#include <chrono>
#include <cmath>

#include "data/scores/chrf.hpp"
#include "models/training/trainer.hpp"

namespace weft::models {

Evaluation evaluate(const Translator& translator, const std::vector<data::TextPair>& pairs,
                    std::int64_t batch_size, data::BleuTokenization tokenization,
                    const DecodeOptions& options) {
  std::vector<std::string> sources;
  std::vector<std::string> references;
  for (const data::TextPair& pair : pairs) {
    sources.push_back(pair.source);
    references.push_back(pair.target);
  }
  Evaluation result;
  const auto begin = std::chrono::steady_clock::now();
  result.hypotheses = translator.translate(sources, batch_size, options);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;

  std::int64_t tokens = 0;
  for (const std::string& hypothesis : result.hypotheses) {
    tokens += std::ssize(translator.target.tokenizer.tokenize(hypothesis)) + 1;
  }
  result.sentences_per_second = static_cast<double>(pairs.size()) / seconds.count();
  result.tokens_per_second = static_cast<double>(tokens) / seconds.count();

  const data::BleuScore bleu = data::corpus_bleu(result.hypotheses, references, tokenization);
  result.bleu = bleu.bleu;
  result.signature = bleu.signature;
  const data::ChrfScore chrf = data::corpus_chrf(result.hypotheses, references);
  result.chrf = chrf.chrf;
  result.chrf_signature = chrf.signature;
  result.exact_match = data::exact_match(result.hypotheses, references);

  std::vector<data::TokenPair> tokenized =
      data::tokenize(pairs, translator.source.tokenizer, translator.target.tokenizer);
  data::drop_unfit(tokenized, 0, "evaluate");  // no loss without a source or a target
  result.loss =
      mean_loss(*translator.model,
                data::encode(tokenized, translator.source.vocabulary, translator.target.vocabulary),
                {.sentences = batch_size});
  result.perplexity = std::exp(result.loss);
  return result;
}

}  // namespace weft::models
