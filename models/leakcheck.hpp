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
    std::string check;   ///< "future"; of a preset "layers 2, readout deep: future"
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
/// The model needs parameters `source_embedding.weight` and `target_embedding.weight` and the
/// vocabularies of `leakcheck_vocab`.
LeakReport leakcheck(const Seq2Seq& model);

/// Tokens that both vocabularies of a model must have for `leakcheck`.
std::int64_t leakcheck_vocab();

/// `leakcheck` of small models of a preset: each readout, one layer and two.
LeakReport leakcheck(const std::string& preset_name);

}  // namespace weft::models
