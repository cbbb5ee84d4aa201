#include "autograd/threads.hpp"

#ifdef __linux__
#include <sched.h>
#endif

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "autograd/error.hpp"

namespace weft {
namespace {

constexpr int kMostThreads = 1024;

std::atomic<int> chosen{0};  // 0: not chosen yet

/// The number at the start of `text`, 0 if it is not a valid number of threads; `rest` is what
/// follows.
int threads_in(std::string_view text, std::string_view& rest) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return error == std::errc{} && number >= 1 && number <= kMostThreads ? number : 0;
}

/// The value of WEFT_NUM_THREADS; 0 if it is not set.
int threads_of_weft() {
  const char* const text = std::getenv("WEFT_NUM_THREADS");
  if (text == nullptr) {
    return 0;
  }
  std::string_view rest;
  const int number = threads_in(text, rest);
  if (number == 0 || !rest.empty()) {
    fail("WEFT_NUM_THREADS: not a number of threads; got '{}'; expected 1 to {}", text,
         kMostThreads);
  }
  return number;
}

/// The value of OMP_NUM_THREADS, a list of numbers for nested regions of which the first counts; 0
/// if it is not set or not a number.
int threads_of_openmp() {
  const char* const text = std::getenv("OMP_NUM_THREADS");
  std::string_view rest;
  return text == nullptr ? 0 : threads_in(text, rest);
}

int count_processors() {
#ifdef __linux__
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    return CPU_COUNT(&allowed);
  }
#endif
  return std::max(static_cast<int>(std::thread::hardware_concurrency()), 1);
}

int default_threads() {
  for (const auto number : {threads_of_weft, threads_of_openmp}) {
    if (const int threads = number(); threads > 0) {
      return threads;
    }
  }
  return std::min(num_processors(), kMostThreads);
}

}  // namespace

int num_processors() {
  static const int count = count_processors();
  return count;
}

int num_threads() {
  const int threads = chosen.load(std::memory_order_relaxed);
  if (threads > 0) {
    return threads;
  }
  int none = 0;
  const int fresh = default_threads();
  return chosen.compare_exchange_strong(none, fresh) ? fresh : none;
}

void set_num_threads(int threads) {
  if (threads < 1) {
    fail("set_num_threads: too few threads; got {}; expected at least 1", threads);
  }
  chosen.store(threads, std::memory_order_relaxed);
}

}  // namespace weft
