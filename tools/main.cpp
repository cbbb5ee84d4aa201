#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

#include "autograd/suggest.hpp"
#include "autograd/version.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/options.hpp"
#include "tools/terminal/output.hpp"
#include "tools/terminal/signals.hpp"
#include "tools/terminal/standard_error.hpp"

namespace weft::tools {
namespace {

struct Command {
  std::string_view name;
  std::string_view description;
  int (*run)(const Arguments& arguments);
};

constexpr std::array<Command, 10> kCommands = {{
    {"train", "trains a translation model", train},
    {"translate", "translates text line by line", translate},
    {"evaluate", "translates a test set and scores the result", evaluate},
    {"score", "scores the translations in a file", score},
    {"gradcheck", "checks the gradients of every op and module", gradcheck},
    {"leakcheck", "checks that models see neither future tokens nor padding", leakcheck},
    {"bench", "measures the speed of training, decoding and matrix products", bench},
    {"info", "shows a model's configuration and parameters", info},
    {"tasks", "lists and writes the built-in toy tasks", tasks},
    {"graph", "draws the graphs of small computations", graph},
}};

std::string help() {
  std::string text = "weft: trains and runs sequence-to-sequence models\n\n";
  for (const Command& command : kCommands) {
    text += fmt::format("  weft {:<10} {}\n", command.name, command.description);
  }
  return text + "\nweft COMMAND --help lists all flags and their defaults.\n";
}

const Command& find_command(const std::string& name) {
  const auto command = std::ranges::find(kCommands, name, &Command::name);
  if (command == kCommands.end()) {
    std::vector<std::string_view> names;
    std::ranges::transform(kCommands, std::back_inserter(names), &Command::name);
    const std::string near = did_you_mean(name, names);
    misuse("unknown command {}{}", models::printable(name),
           near.empty() ? "; hint: weft --help lists them" : near);
  }
  return *command;
}

void print(std::string text) {
  if (text.ends_with('\n')) {
    text.pop_back();
  }
  Output output;
  output.verbatim(text);
  output.close();
}

int dispatch(const Arguments& arguments) {
  if (arguments.empty()) {
    misuse("no command; hint: weft --help lists them");
  }
  if (arguments[0] == "--help" || arguments[0] == "-h") {
    print(help());
    return 0;
  }
  if (arguments[0] == "--version") {
    print(fmt::format("weft {}", version()));
    return 0;
  }
  try {
    return find_command(arguments[0]).run({arguments.begin() + 1, arguments.end()});
  } catch (const HelpRequest& request) {
    print(request.what());
    return 0;
  }
}

/// Makes sure that all three standard streams have a descriptor, so that no file that the program
/// opens is mistaken for one of them. Reading or writing a stream that was closed is still an
/// error.
void occupy_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) < 0) {
      // The lowest free descriptor, so it is this one.
      [[maybe_unused]] const int same =
          open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

/// Prints one line, whatever names and texts from files the message quotes, and however long they
/// are.
int complain(std::string_view message, int status) {
  constexpr std::size_t kMostShown = 1000;  // two paths of usual length are shown in full
  write_stderr(fmt::format("weft: {}\n", models::escaped(shortened(message, kMostShown))));
  return status;
}

int run(const Arguments& arguments) {
  try {
    return dispatch(arguments);
  } catch (const UsageError& error) {
    return complain(error.what(), 2);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    return complain(error.what(), 1);
  }
}

}  // namespace
}  // namespace weft::tools

int main(int argc, char** argv) {
  weft::tools::occupy_standard_streams();
  weft::tools::install_signal_handlers();
  try {
    return weft::tools::run({argv + 1, argv + argc});
  } catch (const std::bad_alloc&) {  // possibly while an error message was being formatted
    weft::tools::write_out_of_memory();
    return 1;
  }
}
