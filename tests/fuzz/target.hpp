#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "autograd/error.hpp"

/// What libFuzzer calls with bytes of its making, and replay.cpp with those of files. Whatever
/// escapes is a bug: an exception but weft's own, a crash, a sanitizer's finding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace weft::fuzz {

/// The input as text.
inline std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Reads the input by `read`, which may refuse it by an Error.
template <class F>
int read_or_refuse(F&& read) {
  try {
    read();
  } catch (const Error&) {  // in one line, as users are told
  }
  return 0;
}

}  // namespace weft::fuzz
