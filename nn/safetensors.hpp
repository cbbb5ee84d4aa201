#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "autograd/tensor.hpp"
#include "models/files/file.hpp"

namespace weft::models {

/// The content of a safetensors file: what PyTorch's `safetensors.torch.load_file` gives.
struct Safetensors {
  std::vector<std::pair<std::string, Tensor>> tensors;  ///< names are unique
  std::map<std::string, std::string> metadata;  ///< of the header's `__metadata__`, if it has any
};

/// Writes tensors, of any dtype of weft, as a safetensors file. Wide elements come first, so that
/// all data are aligned; otherwise the order is kept. Throws Error if a name occurs twice, is
/// `__metadata__`, is not UTF-8 or has no defined tensor, or if writing fails.
void write_safetensors(File& file, const std::vector<std::pair<std::string, Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

/// Reads a safetensors file of F32, F64, I64 and BOOL tensors, in the order of their data. The file
/// is not trusted: every rule of the format is checked before anything is allocated for tensors.
/// Throws Error such as `model.safetensors: tensor 'out.bias': data_offsets out of range; got [0,
/// 99]; expected end <= 64`.
Safetensors read_safetensors(const std::filesystem::path& path);

/// Gives the tensors of the file `path` to a module or an optimizer; errors name the file.
template <class T>
void load_state(T& target, const Safetensors& file, const std::filesystem::path& path) {
  try {
    target.load_state(file.tensors);
  } catch (const Error& error) {
    fail("{}: {}", path.string(), error.what());
  }
}

}  // namespace weft::models
