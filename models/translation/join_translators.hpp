#pragma once

#include <vector>

#include "models/translation/translator.hpp"

namespace weft::models {

/// Joins translators of the same languages into one, by an Ensemble of their models. Throws Error
/// if their vocabularies or tokenizers differ.
Translator join_translators(std::vector<Translator> members);

}  // namespace weft::models
