#pragma once

#include <string>
#include <vector>

#include "data/corpus.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {

/// Where sentence pairs come from: one TSV file, or one file per side. A resumed run may read them
/// from other paths; the trainer checks that the pairs themselves are the same.
struct PairFiles {
  /// The flags --<name>-tsv, --<name>-src and --<name>-trg; `what` describes the pairs in the help.
  PairFiles(const std::string& name, const std::string& what);

  std::string tsv;
  std::string src;
  std::string trg;

  bool given() const { return !tsv.empty() || !src.empty() || !trg.empty(); }
  /// The files as errors name them: "a.tsv", or "a.en and a.fr".
  std::string names() const { return tsv.empty() ? src + " and " + trg : tsv; }
};

/// Throws UsageError unless `files` is one TSV file or one file per side.
void check_pair_files(const Options& options, const std::string& name, const PairFiles& files);

/// Reads the pairs. Throws Error naming file and line.
std::vector<data::TextPair> read_pairs(const PairFiles& files);

/// The names of the built-in tasks.
std::vector<std::string> toy_task_names();

/// The pairs that `weft train` trains and validates on.
struct Corpora {
  std::vector<data::TextPair> train;
  std::vector<data::TextPair> valid;  ///< may be empty
};

/// The training and validation pairs of a built-in task.
Corpora toy_corpora(const std::string& task);

}  // namespace weft::tools
