#include "tools/flags/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <sstream>

#include "data/text/suggest.hpp"
#include "models/files/file.hpp"

namespace weft::tools {
namespace {

constexpr std::uint64_t kMaxConfigBytes = 1U << 20;
constexpr std::size_t kHelpColumn = 36;
constexpr const char* kConfigFlag = "config";

/// All of `text` as a number in [low, high].
template <class T>
T read_number(const std::string& text, const std::string& where, T low, T high,
              std::string_view kind) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || !(value >= low && value <= high)) {
    misuse("{}: wrong value; got {}; expected {} in [{}, {}]", where, models::printable(text), kind,
           low, high);
  }
  return value;
}

bool read_boolean(const std::string& text, const std::string& where) {
  if (text != "true" && text != "false") {
    misuse("{}: wrong value; got {}; expected true or false", where, models::printable(text));
  }
  return text == "true";
}

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

void Options::add(Flag flag) {
  flag.group = group_;
  flags_.push_back(std::move(flag));
}

void Options::integer(const std::string& name, std::int64_t& value, std::int64_t low,
                      std::int64_t high, const std::string& help) {
  add({name,
       {},
       help,
       "N",
       false,
       Record::yes,
       [&value, low, high](const std::string& text, const std::string& where) {
         value = read_number(text, where, low, high, "an integer");
       },
       [&value] { return models::Json(value); }});
}

void Options::number(const std::string& name, double& value, double low, double high,
                     const std::string& help) {
  add({name,
       {},
       help,
       "X",
       false,
       Record::yes,
       [&value, low, high](const std::string& text, const std::string& where) {
         value = read_number(text, where, low, high, "a number");
       },
       [&value] { return models::Json(value); }});
}

void Options::boolean(const std::string& name, bool& value, const std::string& help) {
  add({name,
       {},
       help,
       "true|false",
       false,
       Record::yes,
       [&value](const std::string& text, const std::string& where) {
         value = read_boolean(text, where);
       },
       [&value] { return models::Json(value); }});
}

void Options::toggle(const std::string& name, bool& value, const std::string& help) {
  boolean(name, value, help);
  flags_.back().toggle = true;
  flags_.back().record = Record::no;
}

void Options::text(const std::string& name, std::string& value, const std::string& placeholder,
                   const std::string& help, Record record) {
  add({name,
       {},
       help,
       placeholder,
       false,
       record,
       [&value](const std::string& text, const std::string&) { value = text; },
       [&value] { return models::Json(value); }});
}

void Options::choice(const std::string& name, std::string& value,
                     const std::vector<std::string_view>& choices, const std::string& help) {
  add({name,
       {},
       help,
       fmt::format("{}", fmt::join(choices, "|")),
       false,
       Record::yes,
       [&value, choices, initial = value](const std::string& text, const std::string& where) {
         if (text != initial && std::ranges::find(choices, text) == choices.end()) {
           misuse("{}: unknown value; got {}; expected {}{}", where, models::printable(text),
                  fmt::join(choices, " or "), data::did_you_mean(text, choices));
         }
         value = text;
       },
       [&value] { return models::Json(value); }});
}

void Options::positional(const std::string& name, std::vector<std::string>& values,
                         const std::string& help) {
  positionals_.push_back({name, help, &values});
}

void Options::common(std::int64_t& threads, bool& quiet) {
  integer("threads", threads, 0, 1024, "threads to use; 0: one a processor");
  toggle("quiet", quiet, "results alone: no progress, no messages");
  text(kConfigFlag, config_path_, "FILE.toml", "reads flags from a file, a line each: emb = 64",
       Record::no);
}

void Options::parse(const std::vector<std::string>& arguments) {
  const std::vector<const Flag*> written = parse_command_line(arguments);
  for (const Flag* flag : written) {
    if (flag->name == kConfigFlag) {
      read_config(flag->written);
    }
  }
  for (const Flag* flag : written) {  // now, so that the command line wins
    flag->read(flag->written, fmt::format("{}: --{}", command_, flag->name));
  }
}

std::vector<const Options::Flag*> Options::parse_command_line(
    const std::vector<std::string>& arguments) {
  CLI::App app(description_, "weft " + command_);
  app.allow_extras();
  app.get_formatter()->column_width(kHelpColumn);
  for (Flag& flag : flags_) {
    if (flag.toggle) {
      app.add_flag("--" + flag.name, flag.written, flag.help)->group(flag.group);
    } else {
      app.add_option("--" + flag.name, flag.written, flag.help)
          ->group(flag.group)
          ->type_name(flag.placeholder)
          ->default_str(text_of(flag.value()))
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  }
  for (const Positional& positional : positionals_) {
    app.add_option(positional.name, *positional.values, positional.help);
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    throw HelpRequest(app.help());
  } catch (const CLI::ParseError& error) {
    misuse("{}: {}", command_, error.what());
  }
  reject_extra(app.remaining());
  std::vector<const Flag*> written;
  for (Flag& flag : flags_) {
    flag.given = app.count("--" + flag.name) > 0;
    if (flag.given) {
      written.push_back(&flag);
    }
  }
  return written;
}

void Options::reject_extra(const std::vector<std::string>& extra) const {
  const auto flag = std::ranges::find_if(extra, [](const auto& x) { return x.starts_with('-'); });
  if (flag != extra.end()) {
    std::string name = flag->substr(0, flag->find('='));
    name.erase(0, name.find_first_not_of('-'));
    const std::string_view near = data::suggest(name, names());
    misuse("{}: unknown flag {}{}", command_, models::printable(*flag),
           near.empty() ? fmt::format("; hint: weft {} --help lists all", command_)
                        : fmt::format("; hint: did you mean --{}?", near));
  }
  if (!extra.empty()) {
    misuse("{}: unexpected argument {}", command_, models::printable(extra.front()));
  }
}

void Options::read_config(const std::string& path) {
  std::istringstream stream(models::read_file(path, kMaxConfigBytes));
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
    if (flag == flags_.end() || flag->name == kConfigFlag) {
      std::vector<std::string_view> keys = names();
      std::erase(keys, kConfigFlag);
      misuse("{}: unknown key {}{}", path, models::printable(item.name),
             data::did_you_mean(item.name, keys));
    }
    const std::string where = fmt::format("{}: {}", path, item.name);
    if (item.inputs.size() != 1) {
      misuse("{}: got {} values; expected one", where, item.inputs.size());
    }
    flag->read(item.inputs.front(), where);
    flag->given = true;
  }
}

void Options::require(std::string_view name) const {
  const Flag& flag = find(name);
  if (!flag.given || flag.value() == models::Json("")) {  // empty() is for arrays
    misuse("{}: --{} {} is missing", command_, flag.name, flag.placeholder);
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
    names.push_back(flag.name);
  }
  return names;
}

std::vector<std::string> Options::recorded() const {
  std::vector<std::string> names;
  for (const Flag& flag : flags_) {
    if (flag.record == Record::yes) {
      names.push_back(flag.name);
    }
  }
  return names;
}

models::Json Options::values() const {
  models::Json values = models::Json::object();
  for (const std::string& name : recorded()) {
    values[name] = value(name);
  }
  return values;
}

void Options::set(std::string_view name, const models::Json& value, const std::string& where) {
  find(name).read(text_of(value), where);
}

}  // namespace weft::tools
