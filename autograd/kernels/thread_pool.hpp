#pragma once

#include <cstdint>
#include <functional>

namespace weft {

/// When other threads help with chunks.
enum class Sharing {
  where_it_pays,  ///< by what it has gained lately (payoff.hpp): for the loops of an op
  always,         ///< for chunks that take milliseconds
};

/// Calls chunk(0) ... chunk(count - 1), each once and in any order, on up to `num_threads()`
/// threads, and returns when all are done. The first exception thrown by a chunk is rethrown to the
/// caller; chunks that have not started by then are skipped.
///
/// The caller works too. Other threads help if they arrive in time: the caller waits for chunks
/// that they have taken, never for threads. There is one pool per process; a call from within a
/// chunk, or during a call of another thread, runs all its chunks itself.
///
/// Threads are started by the first call that can use them and joined at exit; later calls work
/// alone. After fork() the child has a pool of its own, so both processes continue, unless a chunk
/// forks: then the child must not return from the chunk.
void run_chunks(std::int64_t count, const std::function<void(std::int64_t)>& chunk,
                Sharing sharing = Sharing::where_it_pays);

}  // namespace weft
