#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/error.hpp"
#include "models/files/json.hpp"

namespace weft::tools {

/// Wrong usage: the program ends with status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// Throws a UsageError with a message formatted by fmt.
template <class... Args>
[[noreturn]] void misuse(fmt::format_string<Args...> format, Args&&... args) {
  throw UsageError(fmt::format(format, std::forward<Args>(args)...));
}

/// Thrown by `Options::parse` for --help; the message is the help.
class HelpRequest : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The flags of one subcommand. Each is bound to a variable, whose value before `parse` is the
/// default that --help shows.
///
///     std::int64_t batch = 64;
///     Options options("translate", "Translates lines.");
///     options.integer("batch", batch, 1, 4096, "sentences translated at once");
///     options.parse(arguments);
///
/// With `common`, every flag is also a key of a TOML file; the command line wins.
class Options {
 public:
  /// Whether a flag's value belongs to `values`.
  enum class Record { yes, no };

  Options(std::string command, std::string description);

  /// Begins a group of flags under this heading of the help.
  void group(std::string title) { group_ = std::move(title); }

  void integer(const std::string& name, std::int64_t& value, std::int64_t low, std::int64_t high,
               const std::string& help);
  void number(const std::string& name, double& value, double low, double high,
              const std::string& help);
  /// --name true|false.
  void boolean(const std::string& name, bool& value, const std::string& help);
  /// --name alone means true; the default is false. Not recorded.
  void toggle(const std::string& name, bool& value, const std::string& help);
  /// Any text; the help calls it `placeholder`.
  void text(const std::string& name, std::string& value, const std::string& placeholder,
            const std::string& help, Record record = Record::yes);
  /// One of `choices`, or the default (empty: none); errors suggest the nearest.
  void choice(const std::string& name, std::string& value,
              const std::vector<std::string_view>& choices, const std::string& help);
  /// Arguments without a flag.
  void positional(const std::string& name, std::vector<std::string>& values,
                  const std::string& help);
  /// Adds what every command has: --threads N, --quiet and --config FILE.
  void common(std::int64_t& threads, bool& quiet);

  /// Reads the command line and the configuration file. Throws UsageError, with "did you mean" for
  /// an unknown flag or key, and HelpRequest.
  void parse(const std::vector<std::string>& arguments);

  /// Whether the user set a flag, on the command line or in the configuration file.
  bool given(std::string_view name) const { return find(name).given; }
  /// Throws UsageError unless the user set the flag.
  void require(std::string_view name) const;

  /// The names of all flags that are recorded.
  std::vector<std::string> recorded() const;
  /// The value of a flag as it stands.
  models::Json value(std::string_view name) const { return find(name).value(); }
  /// All recorded flags with their values.
  models::Json values() const;
  /// Sets a flag's variable, with the checks of the command line; errors call it `where`.
  void set(std::string_view name, const models::Json& value, const std::string& where);

  const std::string& command() const { return command_; }

 private:
  struct Flag {
    std::string name;
    std::string group;
    std::string help;
    std::string placeholder;
    bool toggle;
    Record record;
    std::function<void(const std::string& text, const std::string& where)> read;
    std::function<models::Json()> value;
    bool given = false;
    std::string written = {};  ///< on the command line
  };
  struct Positional {
    std::string name;
    std::string help;
    std::vector<std::string>* values;
  };

  void add(Flag flag);
  const Flag& find(std::string_view name) const;
  std::vector<std::string_view> names() const;
  /// Returns the flags that the command line has, their texts in `written`.
  std::vector<const Flag*> parse_command_line(const std::vector<std::string>& arguments);
  void reject_extra(const std::vector<std::string>& extra) const;
  void read_config(const std::string& path);

  std::string command_;
  std::string description_;
  std::string group_ = "Options";
  std::vector<Flag> flags_;
  std::vector<Positional> positionals_;
  std::string config_path_;
};

}  // namespace weft::tools
