#pragma once

#include <string>
#include <vector>

#include "models/config.hpp"

namespace weft::models {

/// A configuration and what sets it apart from its preset.
struct Variant {
  std::string name;    ///< such as "layers 2, cell lstm"
  ModelConfig config;  ///< vocabularies empty, sizes the preset's
};

/// Configurations of a preset that between them have every part that a model can be made of: one
/// layer and two with each readout, then two layers with one other part at a time. Sizes and
/// vocabularies are up to the caller. They serve what must hold of every model: leakcheck,
/// gradcheck, tests. Throws Error for an unknown name.
std::vector<Variant> variants(const std::string& preset_name);

}  // namespace weft::models
