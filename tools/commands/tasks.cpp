#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "autograd/suggest.hpp"
#include "data/tasks/toy_tasks.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/options.hpp"
#include "tools/terminal/output.hpp"

// `weft tasks`: lists the toy tasks, and writes one as files.
namespace weft::tools {
namespace {

struct WriteFlags {
  std::string write = data::option(
      &write, "write", "", "directory for its train, valid and test files", {.placeholder = "DIR"});
  std::uint64_t seed = data::option(&seed, "seed", 0, {0, 1'000'000'000},
                                    "has no effect: the files of a task are always the same");
};

struct TasksFlags : WriteFlags, CommonFlags {};

void check_name(const std::string& name) {
  std::vector<std::string_view> names;
  for (const data::ToyTask& task : data::toy_tasks()) {
    names.push_back(task.name);
  }
  if (std::ranges::find(names, name) == names.end()) {
    misuse("tasks: unknown task {}; expected {}{}", models::printable(name),
           fmt::join(names, " or "), did_you_mean(name, names));
  }
}

void list(Output& output) {
  for (const data::ToyTask& task : data::toy_tasks()) {
    output.line(fmt::format("{:<10} {}", task.name, task.description));
  }
}

/// Throws Error if something is there that another program, or a user, has made.
void check_free(const std::filesystem::path& path, std::string_view text) {
  if (!std::filesystem::exists(path)) {
    return;
  }
  if (!std::filesystem::is_regular_file(path)) {
    fail("{}: cannot replace it; got a folder, device or pipe; expected a file, or nothing",
         path.string());
  }
  std::ifstream file(path, std::ios::binary);
  const std::string found{std::istreambuf_iterator<char>(file), {}};
  if (found != text) {
    fail("{}: already exists with other content; hint: choose another folder, or remove it",
         path.string());
  }
}

/// Each file is written as a whole, so that an error leaves the old one.
void write(const std::string& task, const std::string& folder) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) {
    fail("{}: cannot make the folder; got: {}", folder, problem.message());
  }
  const std::vector<data::ToyFile> files = data::toy_task_files(task);
  for (const data::ToyFile& file : files) {
    check_free(std::filesystem::path(folder) / file.name, file.text);
  }
  for (const data::ToyFile& file : files) {
    Output output((std::filesystem::path(folder) / file.name).string());
    output.verbatim(std::string_view(file.text).substr(0, file.text.size() - 1));
    output.close();
  }
}

}  // namespace

int tasks(const Arguments& arguments) {
  std::vector<std::string> names;
  TasksFlags flags;
  Options options("tasks", "Lists the built-in toy tasks, or writes one as TSV files.");
  options.positional("NAME", names, "the task to write");
  options.add(flags);
  options.parse(arguments);
  if (names.size() > 1 || names.empty() != flags.write.empty()) {
    misuse("tasks: expected nothing, or NAME --write DIR");
  }
  Output output;
  if (names.empty()) {
    list(output);
  } else {
    check_name(names.front());
    write(names.front(), flags.write);
  }
  output.close();
  return 0;
}

}  // namespace weft::tools
