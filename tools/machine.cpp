#include "tools/machine.hpp"

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
constexpr std::size_t kBlasBytesPerThread = std::size_t{136} << 20;

double page_mib() { return static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024 * 1024); }

}  // namespace

void let_idle_threads_sleep(char** argv) {
  for (const char* name : {"OMP_WAIT_POLICY", kSpinCount, kBlockTime}) {
    if (std::getenv(name) != nullptr) {
      return;
    }
  }
  setenv(kSpinCount, "1000", 0);
  setenv(kBlockTime, "0", 0);
  execv("/proc/self/exe", argv);  // returns where there is no /proc: the threads then spin
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

double machine_mib() { return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * page_mib(); }

}  // namespace weft::tools
