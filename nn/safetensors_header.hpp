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

/// One tensor of a safetensors file: what the header says of it.
struct SafetensorsEntry {
  std::string name;              ///< unique; from a file not trusted: shown by `printable`
  DType dtype = DType::float32;  ///< in the file F32, F64, I64 or BOOL
  Shape shape;                   ///< at most 64 sizes, each >= 0
  std::uint64_t begin = 0;       ///< offset of its first byte, counted from the end of the header
  std::uint64_t end = 0;         ///< offset behind its last byte
};

/// What stands before the data, read or to be written.
struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;        ///< in the order of their data, which has no holes
  std::map<std::string, std::string> metadata;  ///< `__metadata__`; left out of the text if empty
};

/// Parses and checks the header of a file whose tensors take `data_bytes`. The header is not
/// trusted: nothing is allocated by the sizes it claims. Throws Error naming `where`, the tensor
/// and the field that breaks a rule of the format.
SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_bytes,
                                           const std::string& where);

/// The header as text, padded with spaces so that the data behind it and its length is 8-byte
/// aligned.
std::string to_text(const SafetensorsHeader& header);

}  // namespace weft::nn
