#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weft::models {

/// The result of a gradient check of a module or a whole model.
struct ModuleReport {
  std::string name;                   ///< one of `module_check_names`
  int samples = 0;                    ///< number of samples, each with its own sizes and seed
  double error = 0;                   ///< largest error of the first order
  double second_error = 0;            ///< largest error of the second order; 0 where not checked
  std::vector<std::string> failures;  ///< one report each, of one or more lines
};

/// The modules of nn by name, then `loss/<preset>` for each preset.
std::vector<std::string> module_check_names();

/// Checks a module in float64 with random sizes, lengths and values. A module is checked element
/// by element, first and second order, with respect to its inputs and parameters. The loss of a
/// whole model is checked along random directions through all its parameters, to 1e-7. Throws
/// Error for an unknown name.
ModuleReport check_module(const std::string& name, int samples, std::uint64_t seed = 0);

}  // namespace weft::models
