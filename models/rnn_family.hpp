#pragma once

#include "models/registry.hpp"

namespace weft::models {

/// The recurrent models.
Family rnn_family();

/// Their variants: one layer and two with each readout, then two layers with one other part at a
/// time.
std::vector<Variant> rnn_variants(std::string_view preset_name);

}  // namespace weft::models
