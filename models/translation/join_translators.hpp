#pragma once

#include <vector>

#include "models/translation/translator.hpp"

namespace weft::models {

/// One translator of several with the same languages: an Ensemble of their models. Throws Error if
/// a vocabulary or a way to cut lines differs.
Translator join_translators(std::vector<Translator> members);

}  // namespace weft::models
