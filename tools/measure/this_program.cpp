#include "tools/measure/this_program.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "autograd/error.hpp"

namespace weft::tools {
namespace {

[[noreturn]] void become(std::vector<std::string> arguments, const std::string& variable,
                         const std::string& value, int output) {
  std::vector<char*> argv;
  arguments.insert(arguments.begin(), "weft");
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  dup2(output, STDOUT_FILENO);
  dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
  setenv(variable.c_str(), value.c_str(), 1);
  execv("/proc/self/exe", argv.data());
  _exit(127);
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> piece;
  ssize_t count = 0;
  while ((count = read(descriptor, piece.data(), piece.size())) > 0 ||
         (count < 0 && errno == EINTR)) {
    text.append(piece.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
  }
  return text;
}

}  // namespace

std::optional<std::string> output_of_this_program(const std::vector<std::string>& arguments,
                                                  const std::string& variable,
                                                  const std::string& value) {
  std::array<int, 2> ends{};
  const bool piped = pipe2(ends.data(), O_CLOEXEC) == 0;
  const pid_t child = piped ? fork() : -1;
  if (child < 0) {
    fail("weft: cannot start itself anew; got {}", std::generic_category().message(errno));
  }
  if (child == 0) {
    become(arguments, variable, value, ends[1]);
  }
  close(ends[1]);
  std::string text = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status == 0 ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace weft::tools
