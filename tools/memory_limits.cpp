#include "tools/memory_limits.hpp"

#include <sched.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tools/terminal/standard_error.hpp"

extern "C" int openblas_get_parallel();

namespace weft::tools {
namespace {

constexpr int kPthreads = 1;  // OpenBLAS builds that have their own threads
constexpr int kOpenMp = 2;
constexpr rlim_t kBuffer = rlim_t{128} << 20;  // mapped by OpenBLAS for each thread
constexpr std::string_view kThreads = "OPENBLAS_NUM_THREADS=";
constexpr std::string_view kOpenMpThreads = "OMP_NUM_THREADS=";

struct Limit {
  decltype(RLIMIT_AS) resource;
  char option;     ///< of ulimit
  rlim_t program;  ///< needed by the program and its libraries
};
constexpr std::array<Limit, 2> kLimits = {
    {{RLIMIT_AS, 'v', rlim_t{64} << 20}, {RLIMIT_DATA, 'd', rlim_t{16} << 20}}};
/// The stack takes nothing from OpenBLAS's buffers; it is also the size of every thread's stack.
constexpr Limit kStack = {RLIMIT_STACK, 's', rlim_t{128} << 10};

/// The value of a variable given as "NAME=", nullptr if it is not set. (getenv does not work yet at
/// this point.)
const char* value_of(std::string_view variable, char** environment) {
  for (char** entry = environment; *entry != nullptr; ++entry) {
    if (std::string_view(*entry).starts_with(variable)) {
      return *entry + variable.size();
    }
  }
  return nullptr;
}

/// The number of threads for which the OpenMP build maps memory when it is loaded.
rlim_t openmp_threads(char** environment) {
  cpu_set_t allowed;
  const bool known = sched_getaffinity(0, sizeof(allowed), &allowed) == 0;
  const int processors = known ? CPU_COUNT(&allowed) : 1;
  const char* const text = value_of(kOpenMpThreads, environment);
  const int wanted = text == nullptr ? 0 : std::atoi(text);
  return static_cast<rlim_t>(wanted > 0 ? std::min(wanted, processors) : processors);
}

rlim_t limit_on(const Limit& limit) {
  rlimit space{};
  return getrlimit(limit.resource, &space) == 0 ? space.rlim_cur : RLIM_INFINITY;
}

[[noreturn]] void refuse(const Limit& limit, rlim_t got, rlim_t needed) {
  std::array<char, 200> message{};
  std::snprintf(message.data(), message.size(),
                "weft: too small a limit on memory; got ulimit -%c %llu; expected at least %llu\n",
                limit.option, static_cast<unsigned long long>(got >> 10),
                static_cast<unsigned long long>(needed >> 10));
  write_stderr(message.data());
  _exit(1);
}

/// Restarts the program with one thread for OpenBLAS; weft has its own threads.
void start_anew(char** arguments, char** environment) {
  std::string one = std::string(kThreads) + "1";
  std::vector<char*> changed = {one.data()};
  for (char** entry = environment; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with(kThreads)) {
      changed.push_back(*entry);
    }
  }
  changed.push_back(nullptr);
  execve(reinterpret_cast<const char*>(getauxval(AT_EXECFN)), arguments, changed.data());
  write_stderr(
      "weft: cannot restart with fewer threads of OpenBLAS; hint: OPENBLAS_NUM_THREADS=1\n");
  _exit(1);
}

}  // namespace

void fit_memory_limits(char** arguments, char** environment) {
  if (const rlim_t stack = limit_on(kStack); stack < kStack.program) {  // else a stack overflow
    refuse(kStack, stack, kStack.program);
  }
  const int build = openblas_get_parallel();
  const rlim_t buffers = build == kOpenMp ? openmp_threads(environment) : 0;
  bool limited = false;
  for (const Limit& limit : kLimits) {
    const rlim_t space = limit_on(limit);
    if (space == RLIM_INFINITY) {
      continue;
    }
    limited = true;
    if (const rlim_t needed = limit.program + buffers * kBuffer; space < needed) {
      refuse(limit, space, needed);
    }
  }
  const char* const threads = value_of(kThreads, environment);
  if (limited && build == kPthreads && (threads == nullptr || std::string_view(threads) != "1")) {
    start_anew(arguments, environment);
  }
}

}  // namespace weft::tools
