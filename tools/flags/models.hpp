#pragma once

#include <string>

#include "models/translation/translator.hpp"

namespace weft::tools {

/// The translator that --model names: a directory, or several with commas in between, which
/// translate together. Throws Error as Translator::load does, and if their vocabularies differ.
models::Translator load_translator(const std::string& names);

}  // namespace weft::tools
