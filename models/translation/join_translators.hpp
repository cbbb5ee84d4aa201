#pragma once

#include <string>
#include <vector>

#include "models/translation/translator.hpp"

namespace weft::models {

/// Joins translators of the same languages into one, by an Ensemble of their models. Throws Error
/// naming two members if their vocabularies or tokenizers differ. Without names, the members are
/// "model 1" and so on.
Translator join_translators(std::vector<Translator> members,
                            const std::vector<std::string>& names = {});

}  // namespace weft::models
