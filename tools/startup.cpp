#include <sched.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "tools/terminal/standard_error.hpp"

extern "C" int openblas_get_parallel();

// What has to happen before the constructors of shared libraries: OpenBLAS's maps memory, and tries
// for ever where the address space is too small.
namespace weft::tools {
namespace {

constexpr int kPthreads = 1;  // the builds of OpenBLAS that start threads when they are loaded
constexpr int kOpenMp = 2;
constexpr rlim_t kProgram = rlim_t{64} << 20;  // what the program and its libraries take
constexpr rlim_t kBuffer = rlim_t{128} << 20;  // what OpenBLAS maps for a thread
constexpr std::string_view kOneThread = "OPENBLAS_NUM_THREADS=1";

std::terminate_handler without_memory = nullptr;

/// Memory may run out where no exception can be caught: in a static object's constructor, in
/// another library's thread.
[[noreturn]] void on_terminate() {
  if (std::current_exception()) {
    try {
      throw;
    } catch (const std::bad_alloc&) {
      write_out_of_memory();
      _exit(1);
    } catch (...) {  // a bug
    }
  }
  without_memory();
  std::abort();
}

/// The threads that OpenMP will have: it was not asked yet.
rlim_t openmp_threads(char** environment) {
  constexpr std::string_view kVariable = "OMP_NUM_THREADS=";
  cpu_set_t allowed;
  int threads = sched_getaffinity(0, sizeof(allowed), &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
  for (char** entry = environment; *entry != nullptr; ++entry) {
    if (std::string_view(*entry).starts_with(kVariable)) {
      const int wanted = std::atoi(*entry + kVariable.size());
      threads = wanted > 0 ? std::min(threads, wanted) : threads;
    }
  }
  return static_cast<rlim_t>(threads);
}

[[noreturn]] void refuse(rlim_t limit, rlim_t needed) {
  std::array<char, 200> message{};
  std::snprintf(message.data(), message.size(),
                "weft: too little address space; got %llu KiB; expected at least %llu KiB; hint: "
                "ulimit -v\n",
                static_cast<unsigned long long>(limit >> 10),
                static_cast<unsigned long long>(needed >> 10));
  write_stderr(message.data());
  _exit(1);
}

/// Runs the program again without OpenBLAS's own threads, which weft has no use for.
void start_anew(char** arguments, char** environment) {
  constexpr std::string_view kVariable = kOneThread.substr(0, kOneThread.find('=') + 1);
  std::string first(kOneThread);
  std::vector<char*> changed = {first.data()};
  for (char** entry = environment; *entry != nullptr; ++entry) {
    if (*entry == kOneThread) {
      return;  // it runs so already
    }
    if (!std::string_view(*entry).starts_with(kVariable)) {
      changed.push_back(*entry);
    }
  }
  changed.push_back(nullptr);
  execve(reinterpret_cast<const char*>(getauxval(AT_EXECFN)), arguments, changed.data());
}

void before_libraries(int, char** arguments, char** environment) {
  without_memory = std::set_terminate(on_terminate);
  rlimit space{};
  if (getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur == RLIM_INFINITY) {
    return;
  }
  const int build = openblas_get_parallel();
  const rlim_t buffers = build == kOpenMp ? openmp_threads(environment) : 0;
  if (const rlim_t needed = kProgram + buffers * kBuffer; space.rlim_cur < needed) {
    refuse(space.rlim_cur, needed);
  }
  if (build == kPthreads) {
    start_anew(arguments, environment);
  }
}

/// Called by the loader first of all.
[[gnu::section(".preinit_array"), gnu::used]] void (*const preinit)(int, char**,
                                                                    char**) = before_libraries;

}  // namespace
}  // namespace weft::tools
