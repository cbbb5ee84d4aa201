#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autograd/error.hpp"
#include "data/settings/settings.hpp"
#include "models/files/json.hpp"

namespace weft::tools {

/// Wrong usage; the program exits with status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// Throws a UsageError with a message formatted by fmt.
template <class... Args>
[[noreturn]] void misuse(fmt::format_string<Args...> format, Args&&... args) {
  throw UsageError(fmt::format(format, std::forward<Args>(args)...));
}

/// Thrown by `Options::parse` for --help; the message is the help text.
class HelpRequest : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The flags that every command has.
struct CommonFlags {
  std::int64_t threads = data::option(
      &threads, "threads", 0, {0, 1024},
      "number of threads (0: WEFT_NUM_THREADS, else OMP_NUM_THREADS, else one per processor)",
      {.adjustable = true});
  bool quiet = data::option(&quiet, "quiet", false, "print results only: no progress, no messages",
                            {.toggle = true, .recorded = false});
  std::string config =
      data::option(&config, "config", "", "read options from a file, one 'flag = value' per line",
                   {.placeholder = "FILE.toml", .recorded = false});
};

/// The flags of commands that print results.
struct ProgramFlags : CommonFlags {
  bool json = data::option(&json, "json", false,
                           "print the results as a JSON object on the last line of stdout",
                           {.toggle = true, .recorded = false});
};

/// The flags of one subcommand. They are the options (data/settings) of structs: each is bound to
/// its field, whose value before `parse` is the default shown by --help.
///
///     struct TranslateFlags : CommonFlags {
///       std::int64_t batch = data::option(&batch, "batch", 64, {1, 4096}, "sentences at once");
///     };
///     TranslateFlags flags;
///     Options options("translate", "Translates lines.");
///     options.add(flags);
///     options.parse(arguments);
///
/// With CommonFlags, every flag is also a key of a TOML file; the command line takes precedence.
class Options {
 public:
  Options(std::string command, std::string description);
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  /// Starts a group of flags under this heading in the help.
  void group(std::string title) { group_ = std::move(title); }
  /// Adds the options of a struct, which must outlive this.
  template <class T>
  void add(T& flags) {
    add(data::Settings(flags));
  }
  /// Adds the options behind `settings`.
  void add(data::Settings settings);
  /// Adds positional arguments.
  void positional(const std::string& name, std::vector<std::string>& values,
                  const std::string& help);
  /// Registers a flag that only exists for another value of some other flag. Using it is an error
  /// that shows `hint`.
  void elsewhere(const std::string& name, const std::string& hint);

  /// Parses the command line and the configuration file. Throws UsageError, with "did you mean" for
  /// an unknown flag or key, and HelpRequest.
  void parse(const std::vector<std::string>& arguments);
  /// Reads the flags declared so far and skips everything else. Errors are left to the `parse` of
  /// the final set of options, which may depend on these values.
  void peek(const std::vector<std::string>& arguments);

  /// Whether there is a flag with this name.
  bool has(std::string_view name) const;
  /// Whether the user set a flag, on the command line or in the configuration file.
  bool given(std::string_view name) const { return find(name).given; }
  /// Throws UsageError unless the user set the flag.
  void require(std::string_view name) const;

  /// Returns the declarations of all recorded flags.
  std::vector<const data::Option*> recorded() const;
  /// Returns the current value of a flag.
  models::Json value(std::string_view name) const;
  /// Returns all recorded flags with their values.
  models::Json values() const;
  /// Sets a flag's field, with the checks of the command line. Errors refer to it as `where`.
  void set(std::string_view name, const models::Json& value, const std::string& where);

  const std::string& command() const { return command_; }

 private:
  struct Flag {
    const data::Option* option;
    data::Settings* settings;
    std::string group;
    bool given = false;
    std::string written = {};  ///< its text on the command line

    const std::string& name() const { return option->name; }
    models::Json value() const;
    /// Sets the field. Throws UsageError, which refers to the flag as `where`.
    void read(const std::string& text, const std::string& where) const;
  };
  struct Positional {
    std::string name;
    std::string help;
    std::vector<std::string>* values;
  };
  /// What to do with unknown flags and keys.
  enum class Unknown { error, skip };

  const Flag& find(std::string_view name) const;
  std::vector<std::string_view> names() const;
  void read(const std::vector<std::string>& arguments, Unknown unknown);
  /// Returns the flags given on the command line, with their texts in `written`.
  std::vector<const Flag*> read_command_line(const std::vector<std::string>& arguments,
                                             Unknown unknown);
  void check_values(const std::vector<std::string>& arguments) const;
  void reject_extra(const std::vector<std::string>& extra) const;
  /// Throws UsageError for a flag or key that was registered by `elsewhere`.
  void reject_elsewhere(std::string_view name, const std::string& where) const;
  void read_config(const std::string& path, Unknown unknown);

  std::string command_;
  std::string description_;
  std::string group_ = "Options";
  std::deque<data::Settings> settings_;  // a deque: flags point into them
  std::vector<Flag> flags_;
  std::vector<Positional> positionals_;
  std::vector<std::pair<std::string, std::string>> elsewhere_;
};

}  // namespace weft::tools
