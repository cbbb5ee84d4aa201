#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/seq2seq.hpp"

namespace weft::models {

/// The result of a leak check.
struct LeakReport {
  /// One check of one model.
  struct Row {
    std::string check;   ///< such as "future"
    std::string detail;  ///< what was counted, or the first leak
    bool ok;             ///< no leak, and nonzero gradients where required
  };
  std::vector<Row> rows;  ///< in the order of the list below, model by model

  /// Whether all rows are ok; false if there are none.
  bool ok() const;
};

/// Proves on one random batch that a model reads nothing that it must not read. Every position of
/// the batch, padding included, gets its own token, so that the gradient of an embedding row is the
/// gradient at one position:
///
///   future     the loss at step t has exactly zero gradient at target tokens fed after t
///   neighbors  and at every token of the other sentences
///   padding    every output has exactly zero gradient at source and target padding
///   content    other tokens in the padding change no bit of outputs, gradients and translations
///   amount     the amount of padding changes outputs only by rounding: a sentence alone has the
///              same outputs as in the batch
///
/// Each check also counts gradients that must not be zero, so that it cannot pass on a dead model.
/// The model needs the vocabularies of `leakcheck_vocab` and the parameters
/// `target_embedding.weight` and, unless its sources are frames, whose own gradients are checked,
/// `source_embedding.weight`. For a model that embeds no target, the future is checked by content:
/// other tokens after t change no bit of output t.
LeakReport leakcheck(const Seq2Seq& model);

/// The number of tokens that both vocabularies of a model must have for `leakcheck`.
std::int64_t leakcheck_vocab();

/// The result for one of a preset's variants.
struct VariantLeaks {
  std::string variant;  ///< its name, such as "layers 2, readout deep"
  LeakReport report;    ///< of a small model
};

/// Runs `leakcheck` on small models of all variants of a preset (registry.hpp). Variants with tied
/// embeddings are left out: every output reads the whole table, whatever the tokens are.
std::vector<VariantLeaks> leakcheck_variants(const std::string& preset_name);

}  // namespace weft::models
