#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/language.hpp"
#include "data/line_rules.hpp"
#include "models/files/json.hpp"
#include "models/search/decode.hpp"
#include "models/seq2seq.hpp"

namespace weft::models {

/// A line to translate.
struct SourceLine {
  std::string text;          ///< well-formed UTF-8
  std::string prefix;        ///< forced beginning of the translation; usually empty
  std::uint64_t number = 0;  ///< of the line in a file, from 1, which sampling depends on
};

/// A translation of a line.
struct Translation {
  std::string text;                           ///< detokenized text, one line for every reader
  double score = 0;                           ///< the hypothesis's score
  std::vector<std::string> source;            ///< the source tokens, as read
  std::vector<std::string> target;            ///< the target tokens, as generated
  std::vector<std::vector<float>> attention;  ///< [target][source] weights; may be empty
  std::int64_t unread = 0;                    ///< number of tokens of the line that were cut off
};

/// The default for the number of tokens of a line that a translator reads.
inline constexpr std::int64_t kMaxSourceLength = 1000;

/// A model with everything needed to translate text; the content of a model directory.
struct Translator {
  data::Language source;           ///< has `source_vocab` tokens, as the model expects
  data::Language target;           ///< has `target_vocab` tokens, with the same tokenizer settings
  std::unique_ptr<Seq2Seq> model;  ///< in training mode from `make`, in eval mode from `load`
  Json training;                   ///< how it was trained: the resolved flags, kept for the record
  /// The number of tokens of a line that are translated (0: all of them). Limited because the time
  /// is quadratic in the length, as each step attends to the whole source.
  std::int64_t max_source_length = kMaxSourceLength;
  data::LineRules rules = data::LineRules(target);  ///< which tokens keep a translation on one line

  /// Makes a new model for these vocabularies, whose sizes are set in its configuration.
  static Translator make(const ModelConfig& config, data::Language source, data::Language target,
                         Json training);

  /// Reads a model directory, or the `best/` of a run directory (`last/` if there is no `best/`).
  /// Checks manifest, formats, sizes and names; throws Error naming file and field. If the model is
  /// replaced while it is being read, it is read again.
  static Translator load(const std::filesystem::path& path);

  /// Returns the translations of each line, best first. Each thread searches `batch_size` lines at
  /// a time. A line without tokens has one translation, which is empty. With `copy_unknown`, an
  /// `<unk>` in a translation is replaced by the source token with the largest attention weight
  /// (Luong et al. 2015, arXiv:1410.8206, section 3). The search never generates tokens that a line
  /// cannot contain (`rules`); if a prefix or a copied word contains a line end, the text has a
  /// space instead. The model must be in eval mode. Throws Error on ill-formed UTF-8, and if
  /// `copy_unknown` is set but there is no attention; throws NotFinitePrediction with the index of
  /// a line if the model's predictions are not finite.
  std::vector<std::vector<Translation>> translate_lines(const std::vector<SourceLine>& lines,
                                                        std::int64_t batch_size,
                                                        DecodeOptions options,
                                                        bool copy_unknown = false) const;

  /// Returns the best translation of each line, in order; empty for a line without tokens. The
  /// model must be in eval mode. Throws Error on ill-formed UTF-8.
  std::vector<std::string> translate(const std::vector<std::string>& lines, std::int64_t batch_size,
                                     const DecodeOptions& options = {}) const;

 private:
  static Translator load_directory(const std::filesystem::path& directory);
};

/// The model directory that `load` reads for `path`, which is a run or a model directory. Throws
/// Error if there is none.
std::filesystem::path model_directory(const std::filesystem::path& path);

}  // namespace weft::models
