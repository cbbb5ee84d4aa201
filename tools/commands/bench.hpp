#pragma once

#include "tools/commands/commands.hpp"

namespace weft::tools {

// The benchmarks of `weft bench`. Each returns the exit status and throws like a command.
int bench_train(const Arguments& arguments);
int bench_decode(const Arguments& arguments);
int bench_gemm(const Arguments& arguments);
int bench_ops(const Arguments& arguments);

}  // namespace weft::tools
