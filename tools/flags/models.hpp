#pragma once

#include <string>
#include <vector>

#include "models/translation/translator.hpp"

namespace weft::tools {

/// How much of a long line is translated.
struct LineFlags {
  std::int64_t max_source_length =
      data::option(&max_source_length, "max-source-length", models::kMaxSourceLength,
                   {0, data::kMany}, "translate only this many tokens of a line (0: all of them)");
};

/// Loads the translator that --model names: one directory, or several separated by commas, which
/// translate as an ensemble. Throws Error as Translator::load does, and if their vocabularies
/// differ.
models::Translator load_translator(const std::string& names, const LineFlags& lines);

/// What to say of the models that --model names: which of them are runs without a best/ yet.
std::vector<std::string> model_warnings(const std::string& names);

}  // namespace weft::tools
