#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/seq2seq.hpp"

namespace weft::models {

/// What was looked for and what was found.
struct LeakReport {
  /// One check of one model.
  struct Row {
    std::string check;   ///< such as "future"
    std::string detail;  ///< what was counted, or the first leak
    bool ok;             ///< no leak, and gradients where there must be some
  };
  std::vector<Row> rows;  ///< in the order of the list below, model by model

  /// Whether all rows are; false if there is none.
  bool ok() const;
};

/// Proves on one random batch that a model reads nothing it must not. Every position of the batch,
/// padding included, gets a token of its own, so that the gradient of an embedding row is the
/// gradient to one position:
///
///   future     the loss at step t has exactly zero gradient to target tokens fed after t
///   neighbors  and to every token of the other sentences
///   padding    every output has exactly zero gradient to source and target padding
///   content    other tokens in the padding change no bit of outputs, gradients and translations
///   amount     nor does its amount change outputs by more than rounding: a sentence alone has
///              those that it has in the batch
///
/// Each check also counts gradients that must not be zero, so that it cannot pass on a dead model.
/// The model needs the vocabularies of `leakcheck_vocab` and parameters `source_embedding.weight`,
/// unless its sources are frames, whose gradients are looked at themselves, and
/// `target_embedding.weight`. Of a model that embeds no target the future is checked by content:
/// other tokens after t change no bit of output t.
LeakReport leakcheck(const Seq2Seq& model);

/// Tokens that both vocabularies of a model must have for `leakcheck`.
std::int64_t leakcheck_vocab();

/// What was found in one of a preset's variants.
struct VariantLeaks {
  std::string variant;  ///< its name, such as "layers 2, readout deep"
  LeakReport report;    ///< of a small model
};

/// `leakcheck` of small models of all variants of a preset (registry.hpp). Those with tied
/// embeddings are left out: every output reads all of that table, whatever the tokens are.
std::vector<VariantLeaks> leakcheck_variants(const std::string& preset_name);

}  // namespace weft::models
