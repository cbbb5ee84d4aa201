#include "tools/measure/machine.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "autograd/storage.hpp"
#include "autograd/threads.hpp"

namespace weft::tools {
namespace {

double page_mib() { return static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024 * 1024); }

}  // namespace

void use_threads(std::int64_t threads) {
  if (threads > 0) {
    set_num_threads(static_cast<int>(threads));
  } else {
    num_threads();
  }
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
  release_free_buffers();
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

double machine_mib() { return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * page_mib(); }

}  // namespace weft::tools
