#pragma once

#include "models/registry.hpp"

namespace weft::models {

/// The family of Transformers.
Family transformer_family();

}  // namespace weft::models
