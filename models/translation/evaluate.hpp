#pragma once

#include <string>
#include <vector>

#include "data/batches.hpp"
#include "data/corpus.hpp"
#include "data/corpus_report.hpp"
#include "data/scores/bleu.hpp"
#include "models/translation/translator.hpp"

namespace weft::models {

/// The mean loss per target token. The model is put into eval mode during the measurement.
double mean_loss(Seq2Seq& model, const std::vector<data::SentencePair>& pairs,
                 data::BatchSize batch);

/// BLEU, 0 to 100, of greedy translations, as measured during training: references are normalized
/// and lower-cased like the translator's text, and split into words as they are (words), by BLEU's
/// usual rule (subwords), or into characters (characters, and subwords of text without spaces). The
/// model must be in eval mode.
double validation_bleu(const Translator& translator, const std::vector<data::TextPair>& pairs,
                       std::int64_t batch_size);

/// Results of a translator on a test set.
struct Evaluation {
  double loss = 0;                      ///< mean per target token, in nats
  double perplexity = 0;                ///< e^loss
  double bleu = 0;                      ///< 0 to 100
  double chrf = 0;                      ///< 0 to 100
  std::string signature;                ///< of BLEU, as sacreBLEU writes it
  std::string chrf_signature;           ///< of chrF
  double exact_match = 0;               ///< share of translations equal to their reference, 0 to 1
  double sentences_per_second = 0;      ///< text to text; excludes loss and scores
  double tokens_per_second = 0;         ///< output tokens, including `<eos>`; over the same time
  std::vector<std::string> hypotheses;  ///< the translations, in order
  data::Findings long_pairs;            ///< above the length limit, so excluded from the loss
};

/// Translates the sources, scores the translations, and computes the references' loss. References
/// are compared verbatim. The model must be in eval mode. Throws Error, prefixed with `where`, if
/// no pair has a loss or if the model's predictions are not finite.
Evaluation evaluate(const Translator& translator, const std::vector<data::TextPair>& pairs,
                    std::int64_t batch_size, data::BleuTokenization tokenization,
                    const DecodeOptions& options = {}, const std::string& where = "evaluate");

}  // namespace weft::models
