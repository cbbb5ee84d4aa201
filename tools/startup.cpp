#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>

#include "models/files/atomic_directory.hpp"
#include "tools/memory_limits.hpp"
#include "tools/terminal/standard_error.hpp"

// What has to run before the constructors of shared libraries and static objects.
namespace weft::tools {
namespace {

std::terminate_handler before = nullptr;

/// Memory may run out where nobody catches the exception: in the constructor of a static object, or
/// in a destructor, or in a thread of another library.
[[noreturn]] void on_terminate() {
  models::discard_unfinished();
  if (std::current_exception()) {
    try {
      throw;
    } catch (const std::bad_alloc&) {
      write_out_of_memory();
      _exit(1);
    } catch (...) {  // a bug; so is a terminate without an exception
    }
  }
  before();
  std::abort();
}

void start_up(int, char** arguments, char** environment) {
  before = std::set_terminate(on_terminate);
  fit_memory_limits(arguments, environment);
}

/// Called by the loader before anything else.
[[gnu::section(".preinit_array"), gnu::used]] void (*const first)(int, char**, char**) = start_up;

}  // namespace
}  // namespace weft::tools
