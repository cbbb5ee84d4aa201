#include "models/translation/evaluate.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>

#include "autograd/tape.hpp"
#include "data/scores/chrf.hpp"
#include "models/interruption.hpp"
#include "nn/eval_guard.hpp"

namespace weft::models {
namespace {

std::vector<std::string> references_of(const std::vector<data::TextPair>& pairs) {
  std::vector<std::string> references;
  references.reserve(pairs.size());
  std::ranges::transform(pairs, std::back_inserter(references), &data::TextPair::target);
  return references;
}

/// Translations, the time they took, and their BLEU.
struct Translated {
  std::vector<std::string> hypotheses;
  double seconds;
  data::BleuScore bleu;
};

Translated translate_and_score(const Translator& translator,
                               const std::vector<data::TextPair>& pairs,
                               const std::vector<std::string>& references, std::int64_t batch_size,
                               data::BleuTokenization tokenization, const DecodeOptions& options) {
  std::vector<std::string> sources;
  sources.reserve(pairs.size());
  std::ranges::transform(pairs, std::back_inserter(sources), &data::TextPair::source);
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::string> hypotheses = translator.translate(sources, batch_size, options);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  data::BleuScore bleu = data::corpus_bleu(hypotheses, references, tokenization);
  return {std::move(hypotheses), time.count(), std::move(bleu)};
}

/// How BLEU tokenizes references for this kind of tokenizer: words are taken as they are; subwords
/// are split by BLEU's usual rule, or into characters if most lines have no spaces between words
/// (Chinese, Japanese, Thai).
data::BleuTokenization bleu_tokenization(data::TokenizerKind kind,
                                         const std::vector<std::string>& references) {
  const auto spaced = std::ranges::count_if(
      references, [](const std::string& line) { return line.find(' ') != std::string::npos; });
  switch (kind) {
    case data::TokenizerKind::character:
      return data::BleuTokenization::chars;
    case data::TokenizerKind::subword:
      return 2 * spaced < std::ssize(references) ? data::BleuTokenization::chars
                                                 : data::BleuTokenization::v13a;
    default:
      return data::BleuTokenization::none;
  }
}

/// The loss of pairs whose source and target are not empty and not above the translator's length
/// limit.
double loss_of(const Translator& translator, std::vector<data::TokenPair> tokenized,
               std::int64_t batch_size, const std::string& where) {
  data::drop_unfit(tokenized, translator.max_source_length, where);
  return mean_loss(
      *translator.model,
      data::encode(tokenized, translator.source.vocabulary, translator.target.vocabulary),
      {.sentences = batch_size});
}

}  // namespace

double mean_loss(Seq2Seq& model, const std::vector<data::SentencePair>& pairs,
                 data::BatchSize batch) {
  const NoGradGuard guard;
  const nn::EvalGuard eval(model);
  double loss = 0;
  std::int64_t tokens = 0;
  for (const std::vector<std::int64_t>& rows : data::plan_evaluation(pairs, batch)) {
    interruption_point();
    const data::Batch part = data::make_batch(pairs, rows);
    loss += model.loss(part, {}, Reduction::sum).item();
    tokens += part.target_tokens;
  }
  return loss / static_cast<double>(tokens);
}

double validation_bleu(const Translator& translator, const std::vector<data::TextPair>& pairs,
                       std::int64_t batch_size) {
  const data::Tokenizer& own = translator.target.tokenizer;
  std::vector<std::string> references = references_of(pairs);
  for (std::string& reference : references) {
    interruption_point();
    reference = own.detokenize(own.tokenize(reference));
  }
  const data::BleuTokenization tokenization = bleu_tokenization(own.config().kind, references);
  return translate_and_score(translator, pairs, references, batch_size, tokenization, {}).bleu.bleu;
}

Evaluation evaluate(const Translator& translator, const std::vector<data::TextPair>& pairs,
                    std::int64_t batch_size, data::BleuTokenization tokenization,
                    const DecodeOptions& options, const std::string& where) {
  const ProductsGuard guard(products_of(options));
  std::vector<data::TokenPair> tokenized =
      data::tokenize(pairs, translator.source.tokenizer, translator.target.tokenizer);
  data::Findings long_pairs = data::find_long(tokenized, translator.max_source_length);
  const double loss = loss_of(translator, std::move(tokenized), batch_size, where);
  if (!std::isfinite(loss)) {
    fail("evaluate: loss not finite; got {}; hint: the weights are damaged or too large", loss);
  }
  const std::vector<std::string> references = references_of(pairs);
  Translated translated =
      translate_and_score(translator, pairs, references, batch_size, tokenization, options);
  std::int64_t tokens = 0;
  for (const std::string& hypothesis : translated.hypotheses) {
    tokens += std::ssize(translator.target.tokenizer.tokenize(hypothesis)) + 1;
  }
  const data::ChrfScore chrf = data::corpus_chrf(translated.hypotheses, references);
  return {.loss = loss,
          .perplexity = std::exp(loss),
          .bleu = translated.bleu.bleu,
          .chrf = chrf.chrf,
          .signature = translated.bleu.signature,
          .chrf_signature = chrf.signature,
          .exact_match = data::exact_match(translated.hypotheses, references),
          .sentences_per_second = static_cast<double>(pairs.size()) / translated.seconds,
          .tokens_per_second = static_cast<double>(tokens) / translated.seconds,
          .hypotheses = std::move(translated.hypotheses),
          .long_pairs = std::move(long_pairs)};
}

}  // namespace weft::models
