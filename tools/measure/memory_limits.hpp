#pragma once

namespace weft::tools {

/// Under a limit on address space or data (`ulimit -v`, `ulimit -d`), ends the program with an
/// error if it is too small for OpenBLAS to be loaded, and begins it anew without the threads that
/// OpenBLAS starts by itself. To be called before OpenBLAS's constructor, which maps memory for
/// each of its threads and tries for ever where there is no room.
void fit_memory_limits(char** arguments, char** environment);

}  // namespace weft::tools
