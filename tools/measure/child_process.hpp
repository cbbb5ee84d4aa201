#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace weft::tools {

/// A program that answers lines with lines.
class ChildProcess {
 public:
  /// Starts the program, found by PATH, with these arguments. Throws Error if the system cannot
  /// start a process; a program that does not exist ends at once (see `ask`).
  explicit ChildProcess(std::vector<std::string> command);
  /// Closes the program's input and waits for its end.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Sends a line and returns the answer, without its line end. Throws Error if the program has
  /// ended.
  std::string ask(const std::string& line);

 private:
  bool send(std::string_view text) const;
  bool receive(char& byte) const;

  std::string name_;
  int socket_ = -1;  // its standard input and output; unlike a pipe, it can be written to silently
  pid_t process_ = -1;
};

}  // namespace weft::tools
