#include "tools/signals.hpp"

#include <unistd.h>
#include <csignal>

namespace weft::tools {
namespace {

// All that a signal handler may touch.
volatile std::sig_atomic_t deferred = 0;
volatile std::sig_atomic_t noted = 0;

extern "C" void on_signal(int signal) {
  if (deferred == 0 || noted != 0) {
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

DeferSignals::DeferSignals() {
  noted = 0;
  deferred = 1;
}

DeferSignals::~DeferSignals() { deferred = 0; }

int noted_signal() { return noted; }

std::string_view signal_name(int signal) { return signal == SIGINT ? "SIGINT" : "SIGTERM"; }

}  // namespace weft::tools
