#include "tools/measure/machine.hpp"

#include <malloc.h>
#include <omp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "autograd/error.hpp"

namespace weft::tools {
namespace {

constexpr const char* kSpinCount = "GOMP_SPINCOUNT";  // GCC's OpenMP: turns of a loop
constexpr const char* kBlockTime = "KMP_BLOCKTIME";   // Clang's: milliseconds
constexpr const char* kTunables = "GLIBC_TUNABLES";   // glibc's malloc
constexpr const char* kKeepMemory =
    "glibc.malloc.mmap_threshold=33554432:glibc.malloc.trim_threshold=1073741824";
constexpr std::size_t kBlasBytesPerThread = std::size_t{136} << 20;

constexpr const char* kTuned = "WEFT_TUNED";  // set in the program that was started anew

double page_mib() { return static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024 * 1024); }

}  // namespace

void tune_runtime(char** argv) {
  if (std::getenv(kTuned) != nullptr) {
    return;
  }
  setenv(kTuned, "1", 0);
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) {
    setenv(kSpinCount, "10000", 0);
    setenv(kBlockTime, "0", 0);
  }
  setenv(kTunables, kKeepMemory, 0);
  execv("/proc/self/exe", argv);  // returns where there is no /proc: all stays as it was
}

void use_threads(std::int64_t threads) {
  if (threads > 0) {
    omp_set_num_threads(static_cast<int>(threads));
  }
  const std::size_t bytes = kBlasBytesPerThread * static_cast<std::size_t>(omp_get_max_threads());
  void* probe = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (probe == MAP_FAILED) {
    fail(
        "memory: too little address space for {} threads; expected {} MiB; hint: ulimit -v, or "
        "fewer --threads",
        omp_get_max_threads(), bytes >> 20);
  }
  munmap(probe, bytes);
}

double peak_rss_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;  // Linux counts KiB
}

double rss_mib() {
  std::ifstream file("/proc/self/statm");
  double all = 0;
  double resident = 0;
  return file >> all >> resident ? resident * page_mib() : peak_rss_mib();
}

void return_free_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

double machine_mib() { return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * page_mib(); }

}  // namespace weft::tools
