#include "tools/measure/child_process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "autograd/error.hpp"

namespace weft::tools {

ChildProcess::ChildProcess(std::vector<std::string> command) : name_(command.at(0)) {
  std::vector<char*> argv;
  for (std::string& argument : command) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  const bool piped = pipe2(input.data(), O_CLOEXEC) == 0 && pipe2(output.data(), O_CLOEXEC) == 0;
  process_ = piped ? fork() : -1;
  if (process_ < 0) {
    fail("{}: cannot start a process; got {}", name_, std::generic_category().message(errno));
  }
  if (process_ == 0) {
    dup2(input[0], STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  close(input[0]);
  close(output[1]);
  to_ = fdopen(input[1], "w");
  from_ = fdopen(output[0], "r");
}

ChildProcess::~ChildProcess() {
  std::fclose(to_);
  std::fclose(from_);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::string ChildProcess::ask(const std::string& line) {
  std::string answer;
  const bool sent = std::fputs((line + '\n').c_str(), to_) >= 0 && std::fflush(to_) == 0;
  for (int c = sent ? std::fgetc(from_) : EOF; c != '\n'; c = std::fgetc(from_)) {
    if (c == EOF) {
      fail("{}: ended without an answer; got the question '{}'", name_, line);
    }
    answer += static_cast<char>(c);
  }
  return answer;
}

}  // namespace weft::tools
