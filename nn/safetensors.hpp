#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "nn/file.hpp"
#include "nn/finite.hpp"
#include "nn/module.hpp"

namespace weft::nn {

/// The keys and values of a file's `__metadata__`.
using Metadata = std::map<std::string, std::string>;

/// Writes the parameters of a module to a safetensors file, which PyTorch can read by name with
/// `safetensors.torch.load_file`. The file is replaced atomically: an error, or the end of the
/// program, leaves the old one. Throws Error if writing fails.
void save(const std::filesystem::path& path, const Module& module);
/// The same for tensors of any dtype of weft, for example an optimizer's `state()`.
void save(const std::filesystem::path& path, const NamedTensors& tensors,
          const Metadata& metadata = {});

/// Loads the parameters of a module from a safetensors file. The file is untrusted: throws Error,
/// and changes nothing, if it violates the format, or if a parameter is missing, unknown, of
/// another shape or dtype, or not finite; the message names file and tensor.
void load(const std::filesystem::path& path, Module& module);

/// The content of a safetensors file, as PyTorch's `safetensors.torch.load_file` returns it.
struct Safetensors {
  NamedTensors tensors;  ///< names are unique
  Metadata metadata;     ///< `__metadata__` of the header, if present
};

/// Writes tensors, of any dtype of weft, as a safetensors file. Tensors with wider elements come
/// first so that all data are aligned; otherwise the order is kept. Throws Error if a name occurs
/// twice, is `__metadata__` or has no defined tensor, if text is not UTF-8, or if writing fails.
void write_safetensors(File& file, const NamedTensors& tensors, const Metadata& metadata = {});

/// Reads a safetensors file of F32, F64, I64 and BOOL tensors, in the order of their data. The file
/// is untrusted: every rule of the format is checked before any tensor is allocated. Throws Error
/// such as `model.safetensors: tensor 'out.bias': data_offsets out of range; got [0, 99]; expected
/// end <= 64`.
Safetensors read_safetensors(const std::filesystem::path& path);

/// Loads the tensors of the file `path` into a module or an optimizer. Throws Error naming the
/// file, also if a value is not finite.
template <class T>
void load_state(T& target, const Safetensors& file, const std::filesystem::path& path) {
  check_finite(file.tensors, path.string());
  try {
    target.load_state(file.tensors);
  } catch (const Error& error) {
    fail("{}: {}", path.string(), error.what());
  }
}

}  // namespace weft::nn
