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

constexpr int kWorkerPauses = 2000;  // awake between two regions, then asleep
constexpr int kCallerPauses = 200;   // for the last chunks, then giving way to other programs
constexpr std::chrono::milliseconds kLongestGap{2};  // between regions of one computation
constexpr std::size_t kCacheLine = 64;               // what threads write to stands apart

/// Tells the processor that its thread waits in a loop.
void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// A time, and how long this thread has had a processor until then.
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

/// The workers, and the one parallel region at a time that they share with its caller.
///
/// A region is a number of chunks that are left. Who counts that number down by one has taken the
/// chunk of that number, and until it is finished the caller waits: so whoever has taken a chunk
/// may read what the region consists of, and nobody else does.
class ThreadPool {
 public:
  using Chunk = std::function<void(std::int64_t)>;

  /// The program's; in a child of fork() a new one.
  static ThreadPool& instance();

  /// Runs all chunks, if the pool is free, has threads, and working together pays.
  bool try_run(std::int64_t count, const Chunk& chunk);

  /// Ends the threads for good.
  void close();

 private:
  explicit ThreadPool(ThreadPool* before) : before_(before) {}

  bool has_workers();
  void start_and_end_workers(std::size_t wanted);
  void work(std::size_t id);
  std::optional<std::uint64_t> next_region(std::size_t id, std::uint64_t seen);
  void run(std::int64_t count, const Chunk& chunk);
  void judge(const Moment& begin, const Moment& worked, double share);
  void run_chunk(std::int64_t left);
  std::int64_t take();
  void open_region(std::int64_t count, const Chunk& chunk);

  std::atomic<bool> busy_{false};  // whoever sets it has all that is not marked otherwise

  // The region. Workers read it after they have taken a chunk.
  const Chunk* chunk_ = nullptr;
  std::int64_t count_ = 0;
  std::exception_ptr error_;  // written by whoever sets failed_
  std::atomic<bool> failed_{false};
  alignas(kCacheLine) std::atomic<std::int64_t> left_{0};      // chunks that nobody has taken
  std::atomic<std::uint64_t> regions_{0};                      // how many there have been
  alignas(kCacheLine) std::atomic<std::int64_t> finished_{0};  // chunks done by workers

  Payoff payoff_;
  Payoff::Clock::time_point last_end_;  // of the last region that was shared

  std::mutex team_;  // guards workers_ and closed_
  std::vector<std::thread> workers_;
  bool closed_ = false;
  std::atomic<std::size_t> wanted_{0};  // workers from this number on end

  std::mutex sleep_;
  std::condition_variable wake_;
  std::atomic<std::int64_t> sleeping_{0};

  // The parent's, whose threads this process does not have: kept from looking like a leak.
  [[maybe_unused]] ThreadPool* before_;
};

std::atomic<ThreadPool*> current{nullptr};

ThreadPool& ThreadPool::instance() {
  // Never destroyed: whoever runs after this object's destructor still finds a pool, without
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

bool ThreadPool::try_run(std::int64_t count, const Chunk& chunk) {
  if (busy_.exchange(true, std::memory_order_acquire)) {
    return false;
  }
  const bool shared = payoff_.shared(Payoff::Clock::now()) && has_workers();
  if (shared) {
    run(count, chunk);
  }
  const std::exception_ptr error = std::exchange(error_, nullptr);
  busy_.store(false, std::memory_order_release);
  if (error) {
    std::rethrow_exception(error);
  }
  return shared;
}

void ThreadPool::run(std::int64_t count, const Chunk& chunk) {
  const Moment begin = now();
  open_region(count, chunk);
  std::int64_t own = 1;
  run_chunk(count);  // which was kept for the caller
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
  judge(begin, worked, static_cast<double>(own) / static_cast<double>(count));
}

/// Was it worth while? `share` of the chunks were the caller's.
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
  // One order of all for regions_ and sleeping_: a worker that falls asleep sees the new region, or
  // is seen here.
  ++regions_;
  if (const std::int64_t sleeping = sleeping_; sleeping > 0) {
    { const std::lock_guard lock(sleep_); }  // it sleeps by now, or has not looked yet
    for (std::int64_t i = 0; i < std::min(sleeping, count - 1); ++i) {
      wake_.notify_one();
    }
  }
}

/// Takes a chunk: how many were left with it; 0 if none.
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

/// Waits for a region after number `seen`, awake for a while, as the next one is often near; its
/// number, or nothing if the worker is to end.
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
  } catch (const std::exception&) {  // the system gives no more: these have to do
  }
}

void ThreadPool::close() {
  const std::lock_guard lock(team_);
  closed_ = true;
  start_and_end_workers(0);
}

}  // namespace

void run_chunks(std::int64_t count, const std::function<void(std::int64_t)>& chunk) {
  if (count > 1 && num_threads() > 1 && ThreadPool::instance().try_run(count, chunk)) {
    return;
  }
  for (std::int64_t i = 0; i < count; ++i) {
    chunk(i);
  }
}

}  // namespace weft
