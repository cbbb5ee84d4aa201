#pragma once

#include "models/registry.hpp"

namespace weft::models {

/// The family of recurrent models.
Family rnn_family();

/// Their variants: one and two layers with each readout, then two layers with one other component
/// changed at a time.
std::vector<Variant> rnn_variants(std::string_view preset_name);

}  // namespace weft::models
