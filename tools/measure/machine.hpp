#pragma once

#include <cstdint>

namespace weft::tools {

/// Starts the program anew, once, with an environment in which it is fast; what the environment
/// says already stays. (Libraries read these before main().)
///
/// OpenMP's threads wait for each other some ten microseconds awake, then asleep. By default they
/// spin on for milliseconds, which wins nothing here and, when another program wants a processor
/// too, keeps it from the thread that is waited for: 10 to 30 times slower on two cores. A tenth of
/// these turns would be kinder still to other programs, but small models then train 7 % slower.
///
/// malloc keeps freed memory for the next step instead of having it cleared again page by page: a
/// training step is 1.2 to 1.4 times as fast.
void tune_runtime(char** argv);

/// Uses `threads` threads from now on; 0 leaves the choice to OpenMP: OMP_NUM_THREADS, or one a
/// processor. Throws Error if the address space is too small for what OpenBLAS maps a thread at its
/// first product: it would wait for ever.
void use_threads(std::int64_t threads);

/// The most memory that the program had in use so far, in MiB.
double peak_rss_mib();

/// The memory that it has in use now, in MiB; the most so far where the system does not tell.
double rss_mib();

/// Gives the system back what malloc keeps of freed memory, so that `rss_mib` does not count it.
void return_free_memory();

/// The machine's memory, in MiB.
double machine_mib();

}  // namespace weft::tools
