#include "autograd/kernels/thread_pool.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <ctime>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "autograd/kernels/payoff.hpp"
#include "autograd/threads.hpp"

namespace weft {
namespace {

constexpr int kWorkerPauses = 2000;  // busy-waiting between two regions before sleeping
constexpr int kCallerPauses = 200;   // busy-waiting for the last chunks before yielding
constexpr std::chrono::milliseconds kLongestGap{2};  // between regions of one computation
constexpr std::size_t kCacheLine = 64;               // separates what different threads write

/// Tells the processor that the thread is in a busy-wait loop.
void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// A point in time, and the processor time that this thread has used until then.
struct Moment {
  Payoff::Clock::time_point time;
  Payoff::Seconds ran;
};

Moment now() {
  timespec ran{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ran);
  return {Payoff::Clock::now(),
          std::chrono::seconds(ran.tv_sec) + std::chrono::nanoseconds(ran.tv_nsec)};
}

/// The workers, and the parallel region, one at a time, that they share with its caller.
///
/// A region is a counter of remaining chunks. A thread that decrements it has taken the chunk of
/// that number, and the caller waits until that chunk is finished: so a thread that has taken a
/// chunk may read the data of the region, and no other thread does.
class ThreadPool {
 public:
  using Chunk = std::function<void(std::int64_t)>;

  /// The pool of this process; a new one in a child of fork().
  static ThreadPool& instance();

  /// Runs all chunks if the pool is free, has threads, and sharing pays off, if that matters; else
  /// returns false.
  bool try_run(std::int64_t count, const Chunk& chunk, Sharing sharing);

  /// Ends the threads permanently.
  void close();

 private:
  explicit ThreadPool(ThreadPool* before) : before_(before) {}

  bool has_workers();
  void start_and_end_workers(std::size_t wanted);
  void work(std::size_t id);
  std::optional<std::uint64_t> next_region(std::size_t id, std::uint64_t seen);
  void run(std::int64_t count, const Chunk& chunk, Sharing sharing);
  void judge(const Moment& begin, const Moment& worked, double share);
  void run_chunk(std::int64_t left);
  std::int64_t take();
  void open_region(std::int64_t count, const Chunk& chunk);

  std::atomic<bool> busy_{false};  // the thread that sets it owns everything not marked otherwise

  // The region. Workers read it only after they have taken a chunk.
  const Chunk* chunk_ = nullptr;
  std::int64_t count_ = 0;
  std::exception_ptr error_;  // written by the thread that sets failed_
  std::atomic<bool> failed_{false};
  alignas(kCacheLine) std::atomic<std::int64_t> left_{0};      // chunks not yet taken
  std::atomic<std::uint64_t> regions_{0};                      // number of regions so far
  alignas(kCacheLine) std::atomic<std::int64_t> finished_{0};  // chunks done by workers

  Payoff payoff_;
  Payoff::Clock::time_point last_end_;  // of the last shared region

  std::mutex team_;  // guards workers_ and closed_
  std::vector<std::thread> workers_;
  bool closed_ = false;
  std::atomic<std::size_t> wanted_{0};  // workers with this number or a higher one end

  std::mutex sleep_;
  std::condition_variable wake_;
  std::atomic<std::int64_t> sleeping_{0};

  // The parent's pool, whose threads do not exist in this process; stored so that it is not
  // reported as a leak.
  [[maybe_unused]] ThreadPool* before_;
};

std::atomic<ThreadPool*> current{nullptr};

ThreadPool& ThreadPool::instance() {
  // Never destroyed: code that runs after this object's destructor still finds a pool, without
  // threads.
  struct Owner {
    Owner() {
      current = new ThreadPool(nullptr);
      pthread_atfork(nullptr, nullptr, [] { current = new ThreadPool(current); });
    }
    ~Owner() { current.load()->close(); }
  };
  static const Owner owner;
  return *current.load(std::memory_order_relaxed);
}

bool ThreadPool::try_run(std::int64_t count, const Chunk& chunk, Sharing sharing) {
  if (busy_.exchange(true, std::memory_order_acquire)) {
    return false;
  }
  const bool pays = sharing == Sharing::always || payoff_.shared(Payoff::Clock::now());
  const bool shared = pays && has_workers();
  if (shared) {
    run(count, chunk, sharing);
  }
  const std::exception_ptr error = std::exchange(error_, nullptr);
  busy_.store(false, std::memory_order_release);
  if (error) {
    std::rethrow_exception(error);
  }
  return shared;
}

void ThreadPool::run(std::int64_t count, const Chunk& chunk, Sharing sharing) {
  const Moment begin = now();
  open_region(count, chunk);
  std::int64_t own = 1;
  run_chunk(count);  // reserved for the caller
  while (const std::int64_t left = take()) {
    run_chunk(left);
    ++own;
  }
  const Moment worked = now();
  for (int i = 0; finished_.load(std::memory_order_acquire) < count - own; ++i) {
    if (i < kCallerPauses) {
      pause();
    } else {
      std::this_thread::yield();
    }
  }
  if (sharing == Sharing::where_it_pays) {
    judge(begin, worked, static_cast<double>(own) / static_cast<double>(count));
  }
}

/// Reports to payoff_ what the region cost. `share` is the caller's fraction of the chunks.
void ThreadPool::judge(const Moment& begin, const Moment& worked, double share) {
  static thread_local Moment before;  // the end of this thread's last region
  const Moment end = now();
  const bool near = before.time == last_end_ && begin.time - before.time < kLongestGap;
  const Moment from = near ? before : begin;
  payoff_.note(end.time, {.took = end.time - begin.time,
                          .own = {worked.time - begin.time, worked.ran - begin.ran},
                          .share = share,
                          .between = {begin.time - from.time, begin.ran - from.ran},
                          .relief = static_cast<double>(num_threads() - 1) / num_processors()});
  before = end;
  last_end_ = end.time;
}

void ThreadPool::open_region(std::int64_t count, const Chunk& chunk) {
  chunk_ = &chunk;
  count_ = count;
  failed_.store(false, std::memory_order_relaxed);
  finished_.store(0, std::memory_order_relaxed);
  left_.store(count - 1, std::memory_order_release);
  // regions_ and sleeping_ are sequentially consistent: a worker that goes to sleep either sees the
  // new region or is seen here.
  ++regions_;
  if (const std::int64_t sleeping = sleeping_; sleeping > 0) {
    { const std::lock_guard lock(sleep_); }  // the worker now sleeps, or has not checked yet
    for (std::int64_t i = 0; i < std::min(sleeping, count - 1); ++i) {
      wake_.notify_one();
    }
  }
}

/// Takes a chunk. Returns the number of chunks that were left, including this one; 0 if none.
std::int64_t ThreadPool::take() {
  std::int64_t left = left_.load(std::memory_order_relaxed);
  while (left > 0 && !left_.compare_exchange_weak(left, left - 1, std::memory_order_acquire,
                                                  std::memory_order_relaxed)) {
  }
  return left;
}

void ThreadPool::run_chunk(std::int64_t left) {
  if (failed_.load(std::memory_order_relaxed)) {
    return;
  }
  try {
    (*chunk_)(count_ - left);
  } catch (...) {
    if (!failed_.exchange(true)) {
      error_ = std::current_exception();
    }
  }
}

void ThreadPool::work(std::size_t id) {
  std::uint64_t seen = 0;
  while (const std::optional<std::uint64_t> region = next_region(id, seen)) {
    seen = *region;
    while (const std::int64_t left = take()) {
      run_chunk(left);
      finished_.fetch_add(1, std::memory_order_release);
    }
  }
}

/// Waits for a region after number `seen`, first busy-waiting, because the next one is often close.
/// Returns its number, or nothing if the worker is to end.
std::optional<std::uint64_t> ThreadPool::next_region(std::size_t id, std::uint64_t seen) {
  for (int i = 0; i < kWorkerPauses; ++i) {
    if (const std::uint64_t now = regions_.load(std::memory_order_acquire); now != seen) {
      return now;
    }
    pause();
  }
  std::unique_lock lock(sleep_);
  ++sleeping_;
  wake_.wait(lock, [&] { return regions_ != seen || id >= wanted_; });
  --sleeping_;
  return id < wanted_ ? std::optional(regions_.load()) : std::nullopt;
}

bool ThreadPool::has_workers() {
  const auto wanted = static_cast<std::size_t>(num_threads() - 1);
  const std::lock_guard lock(team_);
  if (wanted != wanted_ && !closed_) {
    start_and_end_workers(wanted);
  }
  return !workers_.empty();
}

void ThreadPool::start_and_end_workers(std::size_t wanted) {
  {
    const std::lock_guard lock(sleep_);
    wanted_ = wanted;
  }
  wake_.notify_all();
  while (workers_.size() > wanted) {
    workers_.back().join();
    workers_.pop_back();
  }
  try {
    while (workers_.size() < wanted) {
      workers_.emplace_back(&ThreadPool::work, this, workers_.size());
    }
  } catch (const std::exception&) {  // the system allows no more threads: continue with these
  }
}

void ThreadPool::close() {
  const std::lock_guard lock(team_);
  closed_ = true;
  start_and_end_workers(0);
}

}  // namespace

void run_chunks(std::int64_t count, const std::function<void(std::int64_t)>& chunk,
                Sharing sharing) {
  if (count > 1 && num_threads() > 1 && ThreadPool::instance().try_run(count, chunk, sharing)) {
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    chunk(i);
  }
}

}  // namespace weft
