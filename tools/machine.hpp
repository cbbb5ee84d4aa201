#pragma once

#include <cstdint>

namespace weft::tools {

/// Uses `threads` threads from now on; 0 leaves the choice to OpenMP: OMP_NUM_THREADS, or one a
/// processor. Throws Error if the address space is too small for what OpenBLAS maps a thread at its
/// first product: it would wait for ever.
void use_threads(std::int64_t threads);

/// The most memory that the program had in use so far, in MiB.
double peak_rss_mib();

}  // namespace weft::tools
