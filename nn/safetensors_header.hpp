#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/tensor.hpp"

namespace weft::nn {

/// The longest header the format allows, in bytes.
inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;

/// The header entry of one tensor of a safetensors file.
struct SafetensorsEntry {
  std::string name;              ///< unique; untrusted, so shown by `printable`
  DType dtype = DType::float32;  ///< F32, F64, I64 or BOOL in the file
  Shape shape;                   ///< at most 64 sizes, each >= 0
  std::uint64_t begin = 0;       ///< offset of its first byte from the end of the header
  std::uint64_t end = 0;         ///< offset after its last byte
};

/// The header that precedes the data, read or to be written.
struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;        ///< in the order of their data, which has no gaps
  std::map<std::string, std::string> metadata;  ///< `__metadata__`; omitted if empty
};

/// Parses and checks the header of a file whose tensors take `data_bytes` bytes. The header is
/// untrusted: nothing is allocated by the sizes it claims. Throws Error naming `where`, the tensor
/// and the field that violates the format.
SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_bytes,
                                           const std::string& where);

/// The header as text, padded with spaces so that the data that follow it and its length are 8-byte
/// aligned.
std::string to_text(const SafetensorsHeader& header);

}  // namespace weft::nn
