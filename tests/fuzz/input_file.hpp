#pragma once

#include <string>
#include <string_view>

#include "tests/data/temporary_folder.hpp"

namespace weft::fuzz {

/// Writes the input to a file with this name, always the same one, for readers that require a path.
inline std::string input_file(const std::string& name, std::string_view content) {
  static const data::TemporaryFolder folder;
  return folder.write(name, content);
}

}  // namespace weft::fuzz
