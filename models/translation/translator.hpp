#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/language.hpp"
#include "models/files/json.hpp"
#include "models/search/decode.hpp"
#include "models/seq2seq.hpp"

namespace weft::models {

/// A line to translate.
struct SourceLine {
  std::string text;          ///< well-formed UTF-8
  std::string prefix;        ///< what its translation begins with; mostly nothing
  std::uint64_t number = 0;  ///< its place in a file: draws depend on it
};

/// A translation of a line.
struct Translation {
  std::string text;                           ///< as people write it, one line for every reader
  double score = 0;                           ///< the hypothesis's
  std::vector<std::string> source;            ///< the tokens that were read
  std::vector<std::string> target;            ///< the tokens that were written
  std::vector<std::vector<float>> attention;  ///< for each of them, of each source token, or none
  std::int64_t unread = 0;                    ///< tokens of the line after those that were read
};

/// How many tokens of a line a translator reads by default.
inline constexpr std::int64_t kMaxSourceLength = 1000;

/// A model and what text needs on its way in and out: what a model directory holds.
struct Translator {
  data::Language source;           ///< as many tokens as the model's `source_vocab`
  data::Language target;           ///< as many as its `target_vocab`, cut in the same way
  std::unique_ptr<Seq2Seq> model;  ///< in training mode from `make`, in eval mode from `load`
  Json training;                   ///< how it was trained, for the record: the resolved flags
  /// Only this many tokens of a line are translated (0: all of them): the time is quadratic in the
  /// length, as each step attends to the whole source.
  std::int64_t max_source_length = kMaxSourceLength;

  /// A new model of this configuration for these vocabularies, whose sizes it gets.
  static Translator make(const ModelConfig& config, data::Language source, data::Language target,
                         Json training);

  /// Reads a model directory, or the `best/` of a run directory (`last/` if there is no best).
  /// Checks manifest, formats, sizes and names; throws Error naming file and field. A model that is
  /// replaced meanwhile is read again.
  static Translator load(const std::filesystem::path& path);

  /// The translations of each line, best first, `batch_size` lines at a time; a line without tokens
  /// has one, which is empty. With `copy_unknown` an `<unk>` in a translation becomes the source
  /// token that it attends to most (Luong et al. 2015, arXiv:1410.8206, section 3). No token that a
  /// line cannot hold is searched for (see data::LineRules, which `options` need not name); where a
  /// prefix or a copied word ends a line, the text has a space. The model must be in eval mode.
  /// Throws Error on ill-formed UTF-8, and if there is no attention to copy by.
  std::vector<std::vector<Translation>> translate_lines(const std::vector<SourceLine>& lines,
                                                        std::int64_t batch_size,
                                                        DecodeOptions options,
                                                        bool copy_unknown = false) const;

  /// The best translation of each line, in order; a line without tokens stays empty.
  /// The model must be in eval mode. Throws Error on ill-formed UTF-8.
  std::vector<std::string> translate(const std::vector<std::string>& lines, std::int64_t batch_size,
                                     const DecodeOptions& options = {}) const;

 private:
  static Translator load_directory(const std::filesystem::path& directory);
};

/// Where `path` (a run or a model directory) keeps the model that `load` reads. Throws Error if
/// there is none.
std::filesystem::path model_directory(const std::filesystem::path& path);

}  // namespace weft::models
