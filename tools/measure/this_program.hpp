#pragma once

#include <optional>
#include <string>
#include <vector>

namespace weft::tools {

/// Runs this program anew with other arguments and one more variable in its environment. Returns
/// what it wrote to its standard output; nothing if it did not end with status 0. Its standard
/// error goes nowhere. Throws Error where the system starts no process.
std::optional<std::string> output_of_this_program(const std::vector<std::string>& arguments,
                                                  const std::string& variable,
                                                  const std::string& value);

}  // namespace weft::tools
