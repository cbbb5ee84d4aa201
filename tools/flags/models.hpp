#pragma once

#include <string>

#include "models/translation/translator.hpp"

namespace weft::tools {

/// Loads the translator that --model names: one directory, or several separated by commas, which
/// translate as an ensemble. Throws Error as Translator::load does, and if their vocabularies
/// differ.
models::Translator load_translator(const std::string& names);

}  // namespace weft::tools
