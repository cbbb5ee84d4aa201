#include "tools/terminal/signals.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <csignal>
#include <cstring>

namespace weft::tools {
namespace {

// All state that a signal handler may access.
volatile std::sig_atomic_t deferred = 0;
volatile std::sig_atomic_t noted = 0;
volatile std::sig_atomic_t has_doomed_file = 0;
std::array<char, PATH_MAX> doomed_file;  // must not change while `has_doomed_file` is set

/// The other signals that by default end the program.
constexpr std::array kDeadly = {SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,    SIGFPE,  SIGUSR1,
                                SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGSYS};

/// Whether the system sends a signal again and again: when a terminal closes and its session ends,
/// or each second beyond the limit on processor time.
bool repeats(int signal) { return signal == SIGHUP || signal == SIGXCPU; }

void remove_doomed_file() {
  if (has_doomed_file != 0) {
    unlink(doomed_file.data());
  }
}

extern "C" void on_interrupt(int signal) {
  const bool asked_before = noted != 0 && !repeats(noted);
  if (deferred == 0 || (asked_before && !repeats(signal))) {
    remove_doomed_file();
    _exit(exit_status(signal));
  }
  if (!asked_before) {
    noted = signal;
  }
}

/// The raised signal is blocked until this returns; then the default action of the system ends the
/// program.
extern "C" void on_death(int signal) {
  remove_doomed_file();
  raise(signal);
}

void handle(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, nullptr);
}

/// Whether the signal still has its default action, not one set by nohup, a sanitizer or a
/// profiler.
bool is_default(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_DFL;
}

}  // namespace

void install_signal_handlers() {
  handle(SIGINT, on_interrupt, SA_RESTART);
  handle(SIGTERM, on_interrupt, SA_RESTART);
  for (const int signal : {SIGHUP, SIGXCPU}) {
    if (is_default(signal)) {
      handle(signal, on_interrupt, SA_RESTART);
    }
  }
  for (const int signal : kDeadly) {
    if (is_default(signal)) {
      handle(signal, on_death, static_cast<int>(SA_RESETHAND));
    }
  }
  std::signal(SIGXFSZ, SIG_IGN);
}

void remove_on_signal(const char* path) {
  has_doomed_file = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);  // a handler sees no half-written path
  const std::size_t size = path == nullptr ? 0 : std::strlen(path) + 1;
  if (size > 0 && size <= doomed_file.size()) {
    std::memcpy(doomed_file.data(), path, size);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    has_doomed_file = 1;
  }
}

DeferSignals::DeferSignals() {
  noted = 0;
  deferred = 1;
}

DeferSignals::~DeferSignals() { deferred = 0; }

int noted_signal() { return noted; }

std::string_view signal_name(int signal) {
  switch (signal) {
    case SIGINT:
      return "SIGINT";
    case SIGHUP:
      return "SIGHUP";
    case SIGXCPU:
      return "SIGXCPU";
    default:
      return "SIGTERM";
  }
}

}  // namespace weft::tools
