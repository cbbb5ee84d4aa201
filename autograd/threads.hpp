#pragma once

namespace weft {

/// The number of threads that one operation may use, including the calling one.
///
/// Unless `set_num_threads` was called, it is the first of these that is set: the environment
/// variable WEFT_NUM_THREADS, OMP_NUM_THREADS (as in most linear algebra libraries), the number of
/// processors available to the process. Throws Error if WEFT_NUM_THREADS is not a number of
/// threads.
int num_threads();

/// Sets that number for all threads of the program, starting with the next operation. Results do
/// not depend on it. Throws Error if `threads` is below 1.
void set_num_threads(int threads);

/// The number of processors available to the process, at least 1.
int num_processors();

}  // namespace weft
