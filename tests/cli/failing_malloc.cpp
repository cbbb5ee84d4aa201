#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <string>

// Preloaded, it makes the allocation of number FAIL_AT fail, and all after it if FAIL_ON is set.
// The count begins where the constructors of the program's own libraries have run. COUNT_ON is the
// descriptor that hears how many there were.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
}

namespace {

std::atomic<long> calls{0};
long first_failure = 0;
long last_failure = 0;

long number(const char* variable) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? 0 : std::atol(text);
}

[[gnu::constructor]] void begin() {
  first_failure = number("FAIL_AT");
  last_failure = std::getenv("FAIL_ON") == nullptr ? first_failure : __LONG_MAX__;
  calls = 0;
}

[[gnu::destructor]] void end() {
  if (const long descriptor = number("COUNT_ON"); descriptor > 0) {
    const std::string text = std::to_string(calls) + '\n';
    [[maybe_unused]] const ssize_t ignored =
        write(static_cast<int>(descriptor), text.data(), text.size());
  }
}

bool fails() {
  const long call = ++calls;
  const bool failing = first_failure > 0 && call >= first_failure && call <= last_failure;
  errno = failing ? ENOMEM : errno;
  return failing;
}

}  // namespace

extern "C" {
void* malloc(std::size_t size) { return fails() ? nullptr : __libc_malloc(size); }
void* calloc(std::size_t nmemb, std::size_t size) {
  return fails() ? nullptr : __libc_calloc(nmemb, size);
}
void* realloc(void* ptr, std::size_t size) { return fails() ? nullptr : __libc_realloc(ptr, size); }
void* memalign(std::size_t alignment, std::size_t size) {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
int posix_memalign(void** memptr, std::size_t alignment, std::size_t size) {
  *memptr = memalign(alignment, size);
  return *memptr == nullptr ? ENOMEM : 0;
}
}
