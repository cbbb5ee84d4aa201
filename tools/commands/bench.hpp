#pragma once

#include "tools/commands/commands.hpp"

namespace weft::tools {

// What `weft bench` measures. Each returns the exit status and throws as a command does.
int bench_train(const Arguments& arguments);
int bench_decode(const Arguments& arguments);
int bench_gemm(const Arguments& arguments);

}  // namespace weft::tools
