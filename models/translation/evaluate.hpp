#pragma once

#include <string>
#include <vector>

#include "data/batches.hpp"
#include "data/corpus.hpp"
#include "data/scores/bleu.hpp"
#include "models/translation/translator.hpp"

namespace weft::models {

/// Mean loss per target token, the model in eval mode while it is measured.
double mean_loss(Seq2Seq& model, const std::vector<data::SentencePair>& pairs,
                 data::BatchSize batch);

/// BLEU, 0 to 100, of greedy translations as a training measures it: references are normalized and
/// lower-cased as the translator does it, and cut into words as they are, by BLEU's usual rule
/// (subwords) or into characters (characters; subwords of text without spaces). The model must be
/// in eval mode.
double validation_bleu(const Translator& translator, const std::vector<data::TextPair>& pairs,
                       std::int64_t batch_size);

/// Figures of a translator on a test set.
struct Evaluation {
  double loss = 0;                  ///< mean per target token, in nats
  double perplexity = 0;            ///< e^loss
  double bleu = 0;                  ///< 0 to 100
  double chrf = 0;                  ///< 0 to 100
  std::string signature;            ///< of the BLEU, as sacreBLEU writes it
  std::string chrf_signature;       ///< of the chrF
  double exact_match = 0;           ///< share, 0 to 1, of translations equal to their reference
  double sentences_per_second = 0;  ///< of translating alone, text to text, without loss and scores
  double tokens_per_second = 0;     ///< of the output, `<eos>` included; the same time
  std::vector<std::string> hypotheses;  ///< the translations, in order
};

/// Translates the sources and scores the result, and the references' loss. References are compared
/// as they stand. The model must be in eval mode. Throws Error if its predictions are not finite.
Evaluation evaluate(const Translator& translator, const std::vector<data::TextPair>& pairs,
                    std::int64_t batch_size, data::BleuTokenization tokenization,
                    const DecodeOptions& options = {});

}  // namespace weft::models
