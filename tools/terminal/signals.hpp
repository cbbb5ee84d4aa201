#pragma once

#include <string_view>

namespace weft::tools {

/// From now on SIGINT, SIGTERM and SIGHUP end the program at once with status 130, 143 and 129;
/// whatever signal ends it, the file of `remove_on_signal` is removed first; and a write beyond the
/// limit on file sizes fails instead of killing it. A SIGHUP that is ignored already (by nohup)
/// stays so.
void install_signal_handlers();

/// While one exists, the first SIGINT, SIGTERM or SIGHUP is only noted, so that a command can save
/// its state and leave; a second one ends the program at once. SIGHUP does not count as first or
/// second: a terminal that goes away sends several, and whoever ends a session adds SIGTERM.
class DeferSignals {
 public:
  DeferSignals();
  ~DeferSignals();
  DeferSignals(const DeferSignals&) = delete;
  DeferSignals& operator=(const DeferSignals&) = delete;
};

/// Removes this file if a signal ends the program; nullptr: none any more. One file at a time; a
/// path too long for the system is ignored.
void remove_on_signal(const char* path);

/// The signal noted, or 0.
int noted_signal();

/// "SIGINT", "SIGTERM" or "SIGHUP".
std::string_view signal_name(int signal);

/// What a shell reports for a program that a signal ended: 128 + signal.
constexpr int exit_status(int signal) { return 128 + signal; }

}  // namespace weft::tools
