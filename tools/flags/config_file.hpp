#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weft::tools {

/// One line `key = value` of a configuration file.
struct ConfigEntry {
  std::string key;        ///< letters, digits, - and _
  std::string value;      ///< its text, without quotes
  std::int64_t line = 0;  ///< counted from 1
};

/// Reads the part of TOML that flags need: comments, and a key with one value a line. A value is a
/// word (a number, true, false, a name), or a text in quotes: in "..." \" and \\ stand for " and \,
/// in '...' everything stands for itself. Throws UsageError that names file and line for anything
/// else and for a key that is given twice, Error for a file that is not UTF-8 text.
std::vector<ConfigEntry> read_config_file(const std::string& path);

}  // namespace weft::tools
