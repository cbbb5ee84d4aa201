#include "tools/flags/config_file.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <string_view>

#include "autograd/printable.hpp"
#include "data/text/line_reader.hpp"
#include "models/files/file.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {
namespace {

constexpr std::uint64_t kMaxConfigBytes = 1U << 20;
constexpr std::string_view kWhiteSpace = " \t";
constexpr std::string_view kKey =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
constexpr std::string_view kNotInWords = " \t\"'#=[]{},\\";

/// Parses one line, from left to right.
class Line {
 public:
  Line(std::string_view text, std::string where) : rest_(text), where_(std::move(where)) {
    skip_space();
  }

  /// Whether nothing but a comment is left.
  bool ends() const { return rest_.empty() || rest_.front() == '#'; }
  ConfigEntry entry() {
    if (rest_.front() == '[') {
      reject("unexpected table", "lines such as emb = 64");
    }
    ConfigEntry entry;
    entry.key = take(rest_.find_first_not_of(kKey));
    skip_space();
    if (entry.key.empty() || !rest_.starts_with('=')) {
      reject("no key with a value", "a line such as emb = 64");
    }
    take(1);
    skip_space();
    entry.value = value();
    skip_space();
    if (!ends()) {
      reject("more than one value", "one, and texts of several words in quotes");
    }
    return entry;
  }

 private:
  void skip_space() { take(rest_.find_first_not_of(kWhiteSpace)); }

  std::string take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return std::string(taken);
  }

  std::string value() {
    const char first = rest_.empty() ? '\0' : rest_.front();
    if (first == '"' || first == '\'') {
      return quoted(first);
    }
    std::string word = take(rest_.find_first_of(kNotInWords));
    if (word.empty()) {
      reject("invalid value", "a number, true, false, a name, or a text in quotes");
    }
    return word;
  }

  std::string quoted(char quote) {
    const std::string_view special = quote == '"' ? "\"\\" : "'";
    std::string text;
    take(1);
    while (true) {
      text += take(std::min(rest_.find_first_of(special), rest_.size()));
      if (rest_.empty()) {
        reject("a text without an end", fmt::format("a closing {}", quote));
      }
      if (take(1) == std::string(1, quote)) {
        return text;
      }
      const std::string escaped = take(1);
      if (escaped != "\"" && escaped != "\\") {
        reject("unknown escape", "\\\" or \\\\; hint: in '...' a \\ stands for itself");
      }
      text += escaped;
    }
  }

  /// Throws UsageError, quoting the rest of the line.
  [[noreturn]] void reject(std::string_view what, std::string_view expected) const {
    misuse("{}: {}; got {}; expected {}", where_, what,
           rest_.empty() ? "the end of the line" : printable(rest_), expected);
  }

  std::string_view rest_;
  std::string where_;
};

}  // namespace

std::vector<ConfigEntry> read_config_file(const std::string& path) {
  std::istringstream stream(models::read_file(path, kMaxConfigBytes));
  data::LineReader reader(stream, path);
  std::vector<ConfigEntry> entries;
  std::map<std::string, std::int64_t> lines;  // of each key
  for (std::string text; reader.next(text);) {
    Line line(text, reader.where());
    if (line.ends()) {
      continue;
    }
    ConfigEntry entry = line.entry();
    entry.line = reader.line_number();
    const auto [first, is_new] = lines.emplace(entry.key, entry.line);
    if (!is_new) {
      misuse("{}: key {} given twice; got it in line {} already", reader.where(), entry.key,
             first->second);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace weft::tools
