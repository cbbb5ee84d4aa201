#include "tools/flags/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "autograd/suggest.hpp"
#include "models/files/file.hpp"
#include "models/files/settings_json.hpp"

namespace weft::tools {
namespace {

constexpr std::uint64_t kMaxConfigBytes = 1U << 20;
constexpr std::size_t kHelpColumn = 36;
constexpr const char* kConfigFlag = "config";

/// Whether a line's quotes close and hold neither # nor \, which the library that reads the file
/// takes for a comment or as it stands.
bool has_plain_quotes(std::string_view line) {
  char quote = 0;
  for (const char c : line) {
    if (quote == 0 && c == '#') {
      return true;
    }
    if (quote != 0 && (c == '#' || c == '\\')) {
      return false;
    }
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    }
  }
  return quote == 0;
}

void check_quotes(const std::string& path, const std::string& text) {
  std::istringstream lines(text);
  lines.exceptions(std::ios::badbit);  // else running out of memory ends the text
  std::int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (!has_plain_quotes(line)) {
      misuse("{}:{}: got {}; expected closed quotes without # or \\ in them", path, number,
             models::printable(line));
    }
  }
}

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
  misuse("{}: {} value; got {}; expected {}{}", where, choices.empty() ? "wrong" : "unknown",
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
  } catch (const Error&) {  // `parse` tells
  }
}

void Options::read(const std::vector<std::string>& arguments, Unknown unknown) {
  const std::vector<const Flag*> written = read_command_line(arguments, unknown);
  for (const Flag* flag : written) {
    if (flag->name() == kConfigFlag) {
      read_config(flag->written, unknown);
    }
  }
  for (const Flag* flag : written) {  // now, so that the command line wins
    flag->read(flag->written, fmt::format("{}: --{}", command_, flag->name()));
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
    reject_elsewhere(name, fmt::format("{}: no flag --{} here", command_, name));
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
  std::istringstream stream(models::read_file(path, kMaxConfigBytes));
  stream.exceptions(std::ios::badbit);  // else running out of memory ends the text
  check_quotes(path, stream.str());
  std::vector<CLI::ConfigItem> items;
  try {
    items = CLI::ConfigTOML().from_config(stream);
  } catch (const CLI::Error& error) {
    misuse("{}: not a configuration; got: {}", path, error.what());
  }
  for (const CLI::ConfigItem& item : items) {
    if (!item.parents.empty()) {
      misuse("{}: unexpected table; got [{}]; expected lines such as emb = 64", path,
             models::printable(item.parents.front()));
    }
    const auto flag = std::ranges::find(flags_, item.name, &Flag::name);
    if (flag == flags_.end() && unknown == Unknown::skip) {
      continue;
    }
    if (flag == flags_.end() || flag->name() == kConfigFlag) {
      reject_elsewhere(item.name, fmt::format("{}: no key {} here", path, item.name));
      std::vector<std::string_view> keys = names();
      std::erase(keys, kConfigFlag);
      misuse("{}: unknown key {}{}", path, models::printable(item.name),
             did_you_mean(item.name, keys));
    }
    const std::string where = fmt::format("{}: {}", path, item.name);
    if (item.inputs.size() != 1) {
      misuse("{}: got {} values; expected one", where, item.inputs.size());
    }
    flag->read(item.inputs.front(), where);
    flag->given = true;
  }
}

bool Options::has(std::string_view name) const {
  return std::ranges::find(flags_, name, &Flag::name) != flags_.end();
}

void Options::require(std::string_view name) const {
  const Flag& flag = find(name);
  if (!flag.given || flag.value() == models::Json("")) {  // empty() is for arrays
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
