#pragma once

#include <memory>
#include <string>

#include "autograd/random.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {

/// A random model with strong preferences, so that its translations differ.
inline std::unique_ptr<Seq2Seq> lively_model(const std::string& preset_name, std::uint64_t seed) {
  manual_seed(seed);
  auto model = make_model(*tiny_preset(preset_name, 2));
  for (auto& [name, tensor] : model->named_parameters()) {
    tensor.copy_(tensor.detach() * 3);
  }
  model->eval();
  return model;
}

}  // namespace weft::models
