#pragma once

#include <cstdint>

namespace weft::tools {

/// Uses `threads` threads from now on; 0 leaves the choice to `weft::num_threads`, which is
/// asked at once: an error in the environment is not the first operation's.
void use_threads(std::int64_t threads);

/// The most memory that the program had in use so far, in MiB.
double peak_rss_mib();

/// The memory that it has in use now, in MiB; the most so far where the system does not tell.
double rss_mib();

/// Gives the system back what weft and malloc keep of freed memory, so that `rss_mib` does not
/// count it.
void return_free_memory();

/// The machine's memory, in MiB.
double machine_mib();

}  // namespace weft::tools
