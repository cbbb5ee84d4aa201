#include "data/tasks/grammar_reader.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <numeric>
#include <string_view>

#include "autograd/error.hpp"

namespace weft::data {
namespace {

using Words = std::vector<std::string>;

/// Its words, which white space separates.
Words split(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  Words words;
  for (auto begin = text.find_first_not_of(kSpace); begin != std::string_view::npos;
       begin = text.find_first_not_of(kSpace)) {
    text.remove_prefix(begin);
    words.emplace_back(text.substr(0, text.find_first_of(kSpace)));
    text.remove_prefix(words.back().size());
  }
  return words;
}

/// Its parts, each of which a separator may end.
Words split_at(std::string_view text, char separator) {
  Words parts;
  while (!text.empty()) {
    parts.emplace_back(text.substr(0, text.find(separator)));
    text.remove_prefix(std::min(parts.back().size() + 1, text.size()));
  }
  return parts;
}

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_category(const std::string& word) { return word[0] >= 'A' && word[0] <= 'Z'; }

std::string without_digits(std::string name) {
  while (!name.empty() && is_digit(name.back())) name.pop_back();
  return name;
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// A table: columns of word forms, and the rules that each row makes of them.
struct Table {
  Words parameters, source_columns, target_columns;
  std::vector<std::pair<int, std::string>> patterns;  // line, text with <column> slots
  std::map<std::string, std::vector<int>> bindings;   // from the latest `rows` line
  bool has_rows = false;
};

class Reader {
 public:
  explicit Reader(std::string_view name) { grammar_.name = name; }

  GrammarText read(std::string_view text) {
    for (std::string& line : split_at(text, '\n')) {
      ++line_;
      line = line.substr(0, line.find('#'));
      const bool indented = !line.empty() && std::isspace(static_cast<unsigned char>(line[0])) != 0;
      for (const std::string& statement : split_at(line, ';')) {
        if (!split(statement).empty()) read_statement(statement, indented);
      }
    }
    if (grammar_.templates.empty()) error("the grammar has no rule");
    return std::move(grammar_);
  }

 private:
  template <class... Args>
  [[noreturn]] void error(fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}:{}: {}", grammar_.name, line_, fmt::format(format, std::forward<Args>(args)...));
  }

  void read_statement(const std::string& line, bool indented) {
    const Words words = split(line);
    const bool is_rule = line.find("->") != std::string::npos;
    if (indented) {
      if (!in_table_) error("an indented line outside a table; got \"{}\"", words[0]);
      if (!is_rule) return read_row(line);
      table_.patterns.emplace_back(line_, line);
      return;
    }
    if (words[0] == "rows") return read_rows_header(words);
    in_table_ = false;
    if (is_rule) {
      grammar_.templates.push_back(read_rule(line));
    } else if (words[0] == "feature") {
      read_feature(words);
    } else if (words[0] == "table") {
      read_table_header(line);
    } else if (words[0] == "hold") {
      read_held_out(line);
    } else if (words[0] == "source" || words[0] == "target") {
      read_vowels(words);
    } else {
      error(
          "unknown statement; got \"{}\"; expected feature, source, target, hold out, table, rows "
          "or a rule with ->",
          words[0]);
    }
  }

  void read_feature(const Words& words) {
    if (words.size() < 4 || words[2] != ":") error("expected \"feature NAME : VALUE ...\"");
    Feature feature{words[1], Words(words.begin() + 3, words.end())};
    if (feature.name != without_digits(feature.name)) {
      error("a feature's name ends in a digit; got \"{}\"", feature.name);
    }
    for (const std::string& value : feature.values) {
      if (find_value(value).feature >= 0) error("the value \"{}\" belongs to two features", value);
    }
    grammar_.features.push_back(std::move(feature));
  }

  void read_vowels(const Words& words) {
    VowelRule& rule = words[0] == "source" ? grammar_.source_vowels : grammar_.target_vowels;
    if (words.size() < 4 || words[2] != ":" || (words[1] != "vowels" && words[1] != "consonants")) {
      error("expected \"{} vowels : LETTER ...\" or \"{} consonants : WORD ...\"", words[0],
            words[0]);
    }
    if (words[1] == "vowels") {
      rule.letters.assign(words.begin() + 3, words.end());
    } else {
      rule.exceptions.insert(words.begin() + 3, words.end());
    }
  }

  void read_held_out(const std::string& line) {
    const auto colon = line.find(':');
    if (split(line.substr(0, colon)) != Words{"hold", "out"} || colon == std::string::npos) {
      error("expected \"hold out : WORD WORD, WORD WORD, ...\"");
    }
    for (const std::string& text : split_at(line.substr(colon + 1), ',')) {
      const Words pair = split(text);
      if (pair.size() != 2) error("a held-out combination has two words; got \"{}\"", text);
      grammar_.held_out.push_back({line_, pair[0], pair[1]});
    }
  }

  /// The value of that name; its feature is -1 if there is none.
  FeatureArgument find_value(const std::string& value) const {
    for (std::size_t f = 0; f < grammar_.features.size(); ++f) {
      const Words& values = grammar_.features[f].values;
      const auto at = std::find(values.begin(), values.end(), value);
      if (at != values.end()) {
        return {static_cast<int>(f), "", {static_cast<int>(at - values.begin())}};
      }
    }
    return {};
  }

  FeatureArgument read_argument(const std::string& text) const {
    for (std::size_t f = 0; f < grammar_.features.size(); ++f) {
      if (grammar_.features[f].name != without_digits(text)) continue;
      FeatureArgument variable{static_cast<int>(f), text, {}};
      variable.values.resize(grammar_.features[f].values.size());
      std::iota(variable.values.begin(), variable.values.end(), 0);
      return variable;
    }
    return read_values(text, '|');
  }

  /// Reads a value, or several of one feature with a separator between.
  FeatureArgument read_values(const std::string& text, char separator) const {
    FeatureArgument result;
    for (const std::string& name : split_at(text, separator)) {
      const FeatureArgument value = find_value(name);
      if (value.feature < 0) error("\"{}\" is neither a value nor a feature's name", name);
      if (result.feature >= 0 && value.feature != result.feature) {
        error("\"{}\" mixes two features", text);
      }
      result.feature = value.feature;
      result.values.push_back(value.values.front());
    }
    if (result.values.empty()) error("a feature is missing in a category's [...]");
    if (result.values.size() > 1) result.variable = text;
    return result;
  }

  /// Reads `Name[argument,...]`; the name keeps its index digits.
  CategoryUse read_category(const std::string& text) const {
    const auto open = text.find('[');
    CategoryUse use{text.substr(0, open), {}};
    if (open == std::string::npos) return use;
    if (text.back() != ']') error("a category's \"]\" is missing; got \"{}\"", text);
    for (const auto& argument : split_at(text.substr(open + 1, text.size() - open - 2), ',')) {
      use.arguments.push_back(read_argument(argument));
    }
    return use;
  }

  GrammarWord read_word(std::string text) const {
    GrammarWord word;
    const auto colon = text.find(':');
    if (colon != std::string::npos) {
      if (colon + 2 != text.size() || !is_digit(text.back())) {
        error("a link group is one digit; got \"{}\"", text);
      }
      word.group = text.back() - '0';
      text.resize(colon);
    }
    const auto slash = text.find('/');
    word.form = text.substr(0, slash);
    word.before_vowel = slash == std::string::npos ? word.form : text.substr(slash + 1);
    if (word.form.empty() || word.before_vowel.empty()) error("an empty form in \"{}\"", text);
    return word;
  }

  /// Takes `@ WEIGHT` off the end of a line.
  double take_weight(Words& words) const {
    const auto at = std::find(words.begin(), words.end(), "@");
    if (at == words.end()) return 1;
    char* end = nullptr;
    const std::string number = words.end() - at == 2 ? words.back() : "";
    const double weight = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0' || !(weight > 0)) {
      error("a weight is a number above zero after @; got \"{}\"", number);
    }
    words.erase(at, words.end());
    return weight;
  }

  RuleTemplate read_rule(const std::string& line) {
    Words words = split(line);
    RuleTemplate result;
    result.line = line_;
    result.rule.weight = take_weight(words);
    const auto arrow = std::find(words.begin(), words.end(), "=>");
    if (words.size() < 3 || words[1] != "->" || !is_category(words[0]) || arrow == words.end()) {
      error("expected \"Category -> source => target\"");
    }
    result.symbol = read_category(words[0]);
    Words names;
    for (auto word = words.begin() + 2; word != arrow; ++word) read_source(*word, names, result);
    for (auto word = arrow + 1; word != words.end(); ++word) read_target(*word, names, result);
    finish(names, result);
    return result;
  }

  void read_source(std::string word, Words& names, RuleTemplate& result) const {
    GrammarRule& rule = result.rule;
    if (!is_category(word)) {
      rule.source.push_back({-1, read_word(word)});
      return;
    }
    const int part = static_cast<int>(names.size());
    for (; word.back() == '*' || word.back() == '!'; word.pop_back()) {
      if (word.back() == '!') {
        rule.meeting.push_back(part);
      } else {
        rule.head = part;
      }
    }
    CategoryUse use = read_category(word);
    if (std::count(names.begin(), names.end(), use.category) > 0) {
      error("\"{0}\" stands twice; hint: number them, {0}1 and {0}2", use.category);
    }
    names.push_back(use.category);
    use.category = without_digits(use.category);
    result.parts.push_back(std::move(use));
    rule.source.push_back({part, {}});
  }

  void read_target(const std::string& word, const Words& names, RuleTemplate& result) const {
    if (!is_category(word)) {
      result.rule.target.push_back({-1, read_word(word)});
      return;
    }
    const auto at = std::find(names.begin(), names.end(), word);
    if (at == names.end()) error("\"{}\" stands in the target but not in the source", word);
    result.rule.target.push_back({static_cast<int>(at - names.begin()), {}});
  }

  void finish(const Words& names, RuleTemplate& result) const {
    GrammarRule& rule = result.rule;
    if (rule.source.empty()) error("the source side is empty");
    for (std::size_t part = 0; part < names.size(); ++part) {
      const auto uses = std::count_if(
          rule.target.begin(), rule.target.end(),
          [&](const GrammarItem& item) { return item.part == static_cast<int>(part); });
      if (uses > 1) error("\"{}\" stands {} times in the target", names[part], uses);
    }
    if (!rule.meeting.empty() && rule.meeting.size() != 2) {
      error("a combination has two parts; got {} marked with !", rule.meeting.size());
    }
    if (names.size() == 1) rule.head = 0;
  }

  void read_table_header(const std::string& line) {
    const Words words = split(line);
    const auto colon = std::find(words.begin(), words.end(), ":");
    const auto open = words.size() < 2 ? std::string::npos : words[1].find('(');
    if (colon == words.end() || open == std::string::npos || words[1].back() != ')') {
      error("expected \"table name(feature,...) SOURCE-COLUMN ... : TARGET-COLUMN ...\"");
    }
    table_ = {};
    table_.parameters = split_at(words[1].substr(open + 1, words[1].size() - open - 2), ',');
    for (const std::string& name : table_.parameters) {
      if (read_argument(name).variable.empty()) error("\"{}\" is a value, not a feature", name);
    }
    table_.source_columns.assign(words.begin() + 2, colon);
    table_.target_columns.assign(colon + 1, words.end());
    in_table_ = true;
  }

  void read_rows_header(const Words& words) {
    if (!in_table_) error("rows outside a table");
    if (words.size() != table_.parameters.size() + 1) {
      error("rows with {} values; expected {}", words.size() - 1, table_.parameters.size());
    }
    table_.has_rows = true;
    table_.bindings.clear();
    for (std::size_t i = 0; i < table_.parameters.size(); ++i) {
      const FeatureArgument values = read_values(words[i + 1], ',');
      if (values.feature != read_argument(table_.parameters[i]).feature) {
        error("\"{}\" is no value of {}", words[i + 1], table_.parameters[i]);
      }
      table_.bindings[table_.parameters[i]] = values.values;
    }
  }

  void read_row(const std::string& line) {
    Words words = split(line);
    const double weight = take_weight(words);
    const auto colon = std::find(words.begin(), words.end(), ":");
    const Words source(words.begin(), colon);
    const Words target(colon == words.end() ? colon : colon + 1, words.end());
    if (source.size() != table_.source_columns.size() ||
        target.size() != table_.target_columns.size()) {
      error("a row with {} : {} words; expected {} : {}", source.size(), target.size(),
            table_.source_columns.size(), table_.target_columns.size());
    }
    if (!table_.has_rows && !table_.parameters.empty()) error("a row before the first \"rows\"");
    const int row_line = line_;
    for (const auto& [pattern_line, pattern] : table_.patterns) {
      std::string text =
          fill(fill(pattern, table_.source_columns, source), table_.target_columns, target);
      line_ = pattern_line;
      if (text.find('<') != std::string::npos) error("a slot <...> names no column");
      RuleTemplate rule = read_rule(text);
      line_ = rule.line = row_line;
      rule.rule.weight *= weight;
      rule.rule.lemma = source.front();
      rule.bindings = table_.bindings;
      grammar_.templates.push_back(std::move(rule));
    }
  }

  static std::string fill(std::string pattern, const Words& columns, const Words& cells) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      pattern = replace_all(std::move(pattern), "<" + columns[i] + ">", cells[i]);
    }
    return pattern;
  }

  GrammarText grammar_;
  Table table_;
  bool in_table_ = false;
  int line_ = 0;
};

}  // namespace

GrammarText read_grammar_text(std::string_view text, std::string_view name) {
  return Reader(name).read(text);
}

}  // namespace weft::data
