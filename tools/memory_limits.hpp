#pragma once

namespace weft::tools {

/// Under a limit on address space or data (`ulimit -v`, `ulimit -d`): ends the program with an
/// error if the limit is too small for loading OpenBLAS, and otherwise restarts the program such
/// that OpenBLAS starts no threads. Ends the program also under a limit on the stack (`ulimit -s`)
/// that is too small. Must be called before OpenBLAS's constructor, which maps memory
/// for each of its threads and retries forever if that fails.
void fit_memory_limits(char** arguments, char** environment);

}  // namespace weft::tools
