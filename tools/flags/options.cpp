#include "tools/flags/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "autograd/suggest.hpp"
#include "models/files/settings_json.hpp"
#include "tools/flags/config_file.hpp"

namespace weft::tools {
namespace {

constexpr std::size_t kHelpColumn = 36;
constexpr const char* kConfigFlag = "config";

std::string text_of(const models::Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

Options::Options(std::string command, std::string description)
    : command_(std::move(command)), description_(std::move(description)) {}

models::Json Options::Flag::value() const { return models::to_json(settings->get(*option)); }

void Options::Flag::read(const std::string& text, const std::string& where) const {
  if (settings->set_text(*option, text)) {
    return;
  }
  const std::vector<std::string_view> choices(option->choices.begin(), option->choices.end());
  misuse("{}: {} value; got {}; expected {}{}", where, choices.empty() ? "invalid" : "unknown",
         models::printable(text), option->expected, did_you_mean(text, choices));
}

void Options::add(data::Settings settings) {
  data::Settings& added = settings_.emplace_back(std::move(settings));
  for (const data::Option& option : added.options()) {
    if (!option.group.empty()) {
      group_ = option.group;
    }
    if (option.flag) {
      flags_.push_back({&option, &added, group_});
    }
  }
}

void Options::positional(const std::string& name, std::vector<std::string>& values,
                         const std::string& help) {
  positionals_.push_back({name, help, &values});
}

void Options::elsewhere(const std::string& name, const std::string& hint) {
  elsewhere_.emplace_back(name, hint);
}

void Options::parse(const std::vector<std::string>& arguments) { read(arguments, Unknown::error); }

void Options::peek(const std::vector<std::string>& arguments) {
  try {
    read(arguments, Unknown::skip);
  } catch (const Error&) {  // left to `parse`
  }
}

void Options::read(const std::vector<std::string>& arguments, Unknown unknown) {
  const std::vector<const Flag*> written = read_command_line(arguments, unknown);
  for (const Flag* flag : written) {
    if (flag->name() == kConfigFlag) {
      read_config(flag->written, unknown);
    }
  }
  for (const Flag* flag : written) {  // last, so that the command line takes precedence
    flag->read(flag->written, fmt::format("{}: --{}", command_, flag->name()));
  }
}

/// Throws UsageError if a flag that needs a value is the last argument or precedes another flag. A
/// value that looks like a flag can be given as --name=value.
void Options::check_values(const std::vector<std::string>& arguments) const {
  for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
    const auto flag = std::ranges::find_if(
        flags_, [&](const Flag& known) { return arguments[i] == "--" + known.name(); });
    if (flag == flags_.end() || flag->option->toggle) {
      continue;
    }
    const bool last = i + 1 == arguments.size();
    if (last || arguments[i + 1].starts_with("--")) {
      misuse("{}: --{} has no value; got {}; expected {}", command_, flag->name(),
             last ? "the end of the command" : models::printable(arguments[i + 1]),
             flag->option->expected);
    }
    ++i;
  }
}

std::vector<const Options::Flag*> Options::read_command_line(
    const std::vector<std::string>& arguments, Unknown unknown) {
  CLI::App app(description_, "weft " + command_);
  app.allow_extras();
  app.get_formatter()->column_width(kHelpColumn);
  for (Flag& flag : flags_) {
    const data::Option& option = *flag.option;
    if (option.toggle) {
      app.add_flag("--" + option.name, flag.written, option.help)->group(flag.group);
    } else {
      app.add_option("--" + option.name, flag.written, option.help)
          ->group(flag.group)
          ->type_name(option.placeholder)
          ->default_str(text_of(flag.value()))
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }
  for (const Positional& positional : positionals_) {
    app.add_option(positional.name, *positional.values, positional.help);
  }
  if (unknown == Unknown::skip) {
    app.set_help_flag();
  }
  check_values(arguments);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    throw HelpRequest(app.help());
  } catch (const CLI::ParseError& error) {
    misuse("{}: {}", command_, error.what());
  }
  if (unknown == Unknown::error) {
    reject_extra(app.remaining());
  }
  std::vector<const Flag*> written;
  for (Flag& flag : flags_) {
    flag.given = app.count("--" + flag.name()) > 0;
    if (flag.given) {
      written.push_back(&flag);
    }
  }
  return written;
}

void Options::reject_elsewhere(std::string_view name, const std::string& where) const {
  const auto known =
      std::ranges::find(elsewhere_, name, &std::pair<std::string, std::string>::first);
  if (known != elsewhere_.end()) {
    misuse("{}; {}", where, known->second);
  }
}

void Options::reject_extra(const std::vector<std::string>& extra) const {
  const auto flag = std::ranges::find_if(extra, [](const auto& x) { return x.starts_with('-'); });
  if (flag != extra.end()) {
    std::string name = flag->substr(0, flag->find('='));
    name.erase(0, name.find_first_not_of('-'));
    reject_elsewhere(name, fmt::format("{}: flag --{} does not apply here", command_, name));
    const std::string_view near = suggest(name, names());
    misuse("{}: unknown flag {}{}", command_, models::printable(*flag),
           near.empty() ? fmt::format("; hint: weft {} --help lists all", command_)
                        : fmt::format("; hint: did you mean --{}?", near));
  }
  if (!extra.empty()) {
    misuse("{}: unexpected argument {}", command_, models::printable(extra.front()));
  }
}

void Options::read_config(const std::string& path, Unknown unknown) {
  for (const ConfigEntry& entry : read_config_file(path)) {
    const auto flag = std::ranges::find(flags_, entry.key, &Flag::name);
    if (flag == flags_.end() && unknown == Unknown::skip) {
      continue;
    }
    const std::string line = fmt::format("{}:{}", path, entry.line);
    if (flag == flags_.end() || flag->name() == kConfigFlag) {
      reject_elsewhere(entry.key, fmt::format("{}: key {} does not apply here", line, entry.key));
      std::vector<std::string_view> keys = names();
      std::erase(keys, kConfigFlag);
      misuse("{}: unknown key {}{}", line, entry.key, did_you_mean(entry.key, keys));
    }
    flag->read(entry.value, fmt::format("{}: {}", line, entry.key));
    flag->given = true;
  }
}

bool Options::has(std::string_view name) const {
  return std::ranges::find(flags_, name, &Flag::name) != flags_.end();
}

void Options::require(std::string_view name) const {
  const Flag& flag = find(name);
  if (!flag.given || flag.value() == models::Json("")) {  // Json::empty() is for arrays
    misuse("{}: --{} {} is missing", command_, flag.name(), flag.option->placeholder);
  }
}

const Options::Flag& Options::find(std::string_view name) const {
  const auto flag = std::ranges::find(flags_, name, &Flag::name);
  if (flag == flags_.end()) {
    fail("{}: no such flag; got {}", command_, name);
  }
  return *flag;
}

std::vector<std::string_view> Options::names() const {
  std::vector<std::string_view> names;
  for (const Flag& flag : flags_) {
    names.push_back(flag.name());
  }
  return names;
}

std::vector<const data::Option*> Options::recorded() const {
  std::vector<const data::Option*> options;
  for (const Flag& flag : flags_) {
    if (flag.option->recorded) {
      options.push_back(flag.option);
    }
  }
  return options;
}

models::Json Options::value(std::string_view name) const { return find(name).value(); }

models::Json Options::values() const {
  models::Json values = models::Json::object();
  for (const data::Option* option : recorded()) {
    values[option->name] = value(option->name);
  }
  return values;
}

void Options::set(std::string_view name, const models::Json& value, const std::string& where) {
  find(name).read(text_of(value), where);
}

}  // namespace weft::tools
