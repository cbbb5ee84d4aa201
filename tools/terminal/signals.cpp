#include "tools/terminal/signals.hpp"

#include <unistd.h>

#include <array>
#include <climits>
#include <csignal>
#include <cstring>

namespace weft::tools {
namespace {

// All that a signal handler may touch.
volatile std::sig_atomic_t deferred = 0;
volatile std::sig_atomic_t noted = 0;
volatile std::sig_atomic_t has_doomed_file = 0;
std::array<char, PATH_MAX> doomed_file;  // not changed while `has_doomed_file`

extern "C" void on_signal(int signal) {
  if (deferred == 0 || noted != 0) {
    if (has_doomed_file != 0) {
      unlink(doomed_file.data());
    }
    _exit(exit_status(signal));
  }
  noted = signal;
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGXFSZ, SIG_IGN);
}

void remove_on_signal(const char* path) {
  has_doomed_file = 0;
  const std::size_t size = path == nullptr ? 0 : std::strlen(path) + 1;
  if (size > 0 && size <= doomed_file.size()) {
    std::memcpy(doomed_file.data(), path, size);
    has_doomed_file = 1;
  }
}

DeferSignals::DeferSignals() {
  noted = 0;
  deferred = 1;
}

DeferSignals::~DeferSignals() { deferred = 0; }

int noted_signal() { return noted; }

std::string_view signal_name(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

}  // namespace weft::tools
