#pragma once

namespace weft {

/// How many threads one operation may use, the calling one included.
///
/// Unless `set_num_threads` was called it is the first of these that is given: the environment
/// variable WEFT_NUM_THREADS, OMP_NUM_THREADS (as in most libraries for linear algebra), the number
/// of processors that the process may use. Throws Error if WEFT_NUM_THREADS is no number of
/// threads.
int num_threads();

/// Sets that number, for all threads of the program, from the next operation on. No result depends
/// on it. Throws Error if `threads` is below 1.
void set_num_threads(int threads);

/// The processors that the process may use, at least 1.
int num_processors();

}  // namespace weft
