#include "tools/measure/child_process.hpp"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "autograd/error.hpp"

namespace weft::tools {

ChildProcess::ChildProcess(std::vector<std::string> command) : name_(command.at(0)) {
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (std::string& argument : command) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  std::array<int, 2> ends{};
  const bool connected = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0;
  process_ = connected ? fork() : -1;
  if (process_ < 0) {
    fail("{}: cannot start a process; got {}", name_, std::generic_category().message(errno));
  }
  if (process_ == 0) {
    dup2(ends[1], STDIN_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  close(ends[1]);
  socket_ = ends[0];
}

ChildProcess::~ChildProcess() {
  close(socket_);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::string ChildProcess::ask(const std::string& line) {
  bool answered = send(line + '\n');
  std::string answer;
  for (char byte = 0; answered && (answered = receive(byte)) && byte != '\n';) {
    answer += byte;
  }
  if (!answered) {
    fail("{}: ended without an answer; got the question '{}'", name_, line);
  }
  return answer;
}

/// False if the program has ended.
bool ChildProcess::send(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : 0);
  }
  return true;
}

/// The same.
bool ChildProcess::receive(char& byte) const {
  ssize_t count = 0;
  do {
    count = recv(socket_, &byte, 1, 0);
  } while (count < 0 && errno == EINTR);
  return count == 1;
}

}  // namespace weft::tools
