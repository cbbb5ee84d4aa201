#pragma once

#include <string_view>

namespace weft::tools {

/// Installs the handlers: SIGINT, SIGTERM, SIGHUP and SIGXCPU (the limit on processor time) end the
/// program at once with status 128 + signal. Whatever signal ends the program, the file set by
/// `remove_on_signal` is removed first. A write beyond the limit on file sizes fails instead of
/// killing the program. If SIGHUP or SIGXCPU is already ignored (by nohup), it stays ignored.
void install_signal_handlers();

/// For the lifetime of the object, the first of these signals is only recorded, so that a command
/// can save its state and exit; a second one ends the program at once. SIGHUP and SIGXCPU count
/// neither as first nor as second: a terminal that closes sends several, and ending a session also
/// sends SIGTERM; SIGXCPU comes each second.
class DeferSignals {
 public:
  DeferSignals();
  ~DeferSignals();
  DeferSignals(const DeferSignals&) = delete;
  DeferSignals& operator=(const DeferSignals&) = delete;
};

/// Sets the file to remove if a signal ends the program; nullptr for none. There is only one at a
/// time. A path that is too long for the system is ignored.
void remove_on_signal(const char* path);

/// The signal recorded, or 0.
int noted_signal();

/// "SIGINT", "SIGTERM", "SIGHUP" or "SIGXCPU".
std::string_view signal_name(int signal);

/// The status that a shell reports for a program ended by a signal: 128 + signal.
constexpr int exit_status(int signal) { return 128 + signal; }

}  // namespace weft::tools
