#include "tools/terminal/standard_error.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace weft::tools {
namespace {

/// For the lifetime of the object, a write of this thread to a pipe without a reader only fails,
/// without raising SIGPIPE.
class NoPipeSignal {
 public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    sigset_t pending;
    sigpending(&pending);
    if (sigismember(&before_, SIGPIPE) == 0 && sigismember(&pending, SIGPIPE) == 1) {
      int taken = 0;
      sigwait(&pipe_, &taken);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  sigset_t pipe_;
  sigset_t before_;
};

}  // namespace

void write_stderr(std::string_view text) noexcept {
  const NoPipeSignal guard;
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      return;
    }
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
}

void write_out_of_memory() noexcept {
  write_stderr("weft: out of memory; hint: a smaller batch or model, or shorter lines\n");
}

}  // namespace weft::tools
