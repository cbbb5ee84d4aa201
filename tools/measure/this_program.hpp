#pragma once

#include <optional>
#include <string>
#include <vector>

namespace weft::tools {

/// Runs this program again with other arguments and one additional environment variable. Returns
/// its standard output, or nothing if its exit status is not 0. Its standard error is discarded.
/// Throws Error if the system cannot start a process.
std::optional<std::string> output_of_this_program(const std::vector<std::string>& arguments,
                                                  const std::string& variable,
                                                  const std::string& value);

}  // namespace weft::tools
