#pragma once

#include <map>
#include <memory>
#include <string>

#include "nn/gru.hpp"
#include "nn/safetensors.hpp"

namespace weft::interop {

/// A PyTorch GRU in a safetensors file: its state_dict, names under `state.`, and other tensors.
struct PyTorchGRU {
  std::map<std::string, Tensor> tensors;  ///< all of the file
  std::unique_ptr<nn::GRU> gru;           ///< with the file's parameters
};

/// Reads such a file; the GRU's sizes follow from its parameters. Throws if the file has none.
inline PyTorchGRU load_pytorch_gru(const std::string& path) {
  const nn::Safetensors file = nn::read_safetensors(path);
  std::map<std::string, Tensor> tensors(file.tensors.begin(), file.tensors.end());
  const Shape shape = tensors.at("state.weight_ih_l0").shape();  // [3H, I]
  std::int64_t layers = 1;
  while (tensors.contains(fmt::format("state.weight_ih_l{}", layers))) {
    ++layers;
  }
  auto gru = std::make_unique<nn::GRU>(shape[1], shape[0] / 3, layers,
                                       tensors.contains("state.weight_ih_l0_reverse"));
  const std::string prefix = "state.";
  nn::NamedTensors state;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(prefix)) {
      state.emplace_back(name.substr(prefix.size()), tensor);
    }
  }
  gru->load_state(state);
  return {std::move(tensors), std::move(gru)};
}

}  // namespace weft::interop
