#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/corpus_report.hpp"
#include "tools/flags/corpora.hpp"

namespace weft::tools {

/// What `weft train` reports about its pairs before training.
struct CorporaReport {
  data::CorpusReport train;
  std::optional<data::CorpusReport> valid;
  data::Overlap overlap;             ///< of the validation pairs with the training pairs
  data::Findings valid_long;         ///< validation pairs skipped for their length
  data::Findings cut_words;          ///< training pairs whose words subwords saw in pieces
  data::UnknownShare train_unknown;  ///< of the words of the pairs that were kept
  data::UnknownShare valid_unknown;
};

/// Reports everything except the unknown words, which need vocabularies. `train` and `valid` are
/// the tokens of the corpora.
CorporaReport report_corpora(const Corpora& corpora, const std::vector<data::TokenPair>& train,
                             const std::vector<data::TokenPair>& valid);

/// ": line 7", or ": lines 7, 9, ..." if there are more lines than it lists.
std::string lines_of(const data::Findings& findings);

/// A table of sizes, lengths and unknown words, one row per line.
std::vector<std::string> size_table(const CorporaReport& report);

/// One line for each suspicious finding; `form` is the model's normalization.
std::vector<std::string> warnings(const CorporaReport& report, data::Normalization form);

}  // namespace weft::tools
