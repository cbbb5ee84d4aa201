#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "nn/file.hpp"
#include "nn/finite.hpp"
#include "nn/module.hpp"

namespace weft::nn {

/// Keys and values of a file's `__metadata__`.
using Metadata = std::map<std::string, std::string>;

/// Writes the parameters of a module as a safetensors file that PyTorch reads, too:
/// `safetensors.torch.load_file` gives them by name. The file is replaced as a whole: an error, or
/// the end of the program, leaves the old one. Throws Error if writing fails.
void save(const std::filesystem::path& path, const Module& module);
/// The same of tensors, of any dtype of weft; an optimizer's `state()` for example.
void save(const std::filesystem::path& path, const NamedTensors& tensors,
          const Metadata& metadata = {});

/// Reads the parameters of a module from a safetensors file. Neither the file nor its fit is
/// trusted: throws Error, and changes nothing, if the file breaks a rule of the format, or if a
/// parameter is missing, unknown, of another shape or dtype, or not finite; the message names file
/// and tensor.
void load(const std::filesystem::path& path, Module& module);

/// The content of a safetensors file: what PyTorch's `safetensors.torch.load_file` gives.
struct Safetensors {
  NamedTensors tensors;  ///< names are unique
  Metadata metadata;     ///< of the header's `__metadata__`, if it has any
};

/// Writes tensors, of any dtype of weft, as a safetensors file. Wide elements come first, so that
/// all data are aligned; otherwise the order is kept. Throws Error if a name occurs twice, is
/// `__metadata__` or has no defined tensor, if text is not UTF-8, or if writing fails.
void write_safetensors(File& file, const NamedTensors& tensors, const Metadata& metadata = {});

/// Reads a safetensors file of F32, F64, I64 and BOOL tensors, in the order of their data. The file
/// is not trusted: every rule of the format is checked before anything is allocated for tensors.
/// Throws Error such as `model.safetensors: tensor 'out.bias': data_offsets out of range; got [0,
/// 99]; expected end <= 64`.
Safetensors read_safetensors(const std::filesystem::path& path);

/// Gives the tensors of the file `path` to a module or an optimizer. Errors name the file; values
/// that are not finite are one.
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
