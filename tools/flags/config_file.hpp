#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weft::tools {

/// A `key = value` line of a configuration file.
struct ConfigEntry {
  std::string key;        ///< letters, digits, - and _
  std::string value;      ///< as text, without quotes
  std::int64_t line = 0;  ///< counted from 1
};

/// Reads the subset of TOML that flags need: comments, and one `key = value` per line. A value is a
/// word (a number, true, false, a name) or quoted text: in "..." \" and \\ stand for " and \, in
/// '...' every character stands for itself. Throws UsageError naming file and line for anything
/// else and for a duplicate key, and Error for a file that is not UTF-8 text.
std::vector<ConfigEntry> read_config_file(const std::string& path);

}  // namespace weft::tools
