#pragma once

#include <cstdint>
#include <functional>

namespace weft {

/// Calls chunk(0) ... chunk(count - 1), each once, in any order, on up to `num_threads()` threads,
/// and returns when all are done. The first exception that a chunk throws reaches the caller;
/// chunks that have not begun by then are left out.
///
/// The caller works too. Others help if they come in time: it waits for chunks that they have
/// taken, never for threads. While there is nothing to gain it works alone (payoff.hpp). There is
/// one pool for the program; a call within a chunk, or while another thread's call is under way,
/// does all its chunks itself.
///
/// Threads start at the first call that has use for them and are joined at exit; calls after that
/// work alone. After fork() the child has a pool of its own, so that both go on, unless a chunk
/// forks: there the child must not return from the chunk.
void run_chunks(std::int64_t count, const std::function<void(std::int64_t)>& chunk);

}  // namespace weft
