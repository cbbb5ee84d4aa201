#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "autograd/error.hpp"
#include "data/tasks/grammar.hpp"
#include "data/tasks/grammar_reader.hpp"

namespace weft::data {
namespace {

using Values = std::map<std::string, int>;  // variable -> value

constexpr std::size_t kMaxRules = 50'000;

/// Expands rule templates into plain rules: every variable takes every value of its feature, and
/// rules that cannot be part of any sentence are dropped.
class Expander {
 public:
  explicit Expander(const GrammarText& text) : text_(text) {}

  std::vector<std::vector<GrammarRule>> expand() {
    check_categories();
    for (std::size_t t = 0; t < text_.templates.size(); ++t) expand_template(static_cast<int>(t));
    drop_unproductive();
    check_every_line_is_used();
    return share_weights();
  }

  int start() { return symbol_id(text_.templates.front().symbol, {}); }

 private:
  struct Expansion {
    int origin;  // the template
    GrammarRule rule;
  };

  template <class... Args>
  [[noreturn]] void error(int line, fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}:{}: {}", text_.name, line, fmt::format(format, std::forward<Args>(args)...));
  }

  static std::vector<int> feature_list(const CategoryUse& use) {
    std::vector<int> features;
    for (const FeatureArgument& argument : use.arguments) features.push_back(argument.feature);
    return features;
  }

  void check_categories() const {
    std::map<std::string, std::vector<int>> defined;
    for (const RuleTemplate& rule : text_.templates) {
      const auto [at, fresh] = defined.emplace(rule.symbol.category, feature_list(rule.symbol));
      if (!fresh && at->second != feature_list(rule.symbol)) {
        error(rule.line, "{} has other features here than above", rule.symbol.category);
      }
    }
    for (const RuleTemplate& rule : text_.templates) {
      for (const CategoryUse& part : rule.parts) {
        const auto at = defined.find(part.category);
        if (at == defined.end()) error(rule.line, "no rule says what {} is", part.category);
        if (at->second != feature_list(part)) {
          error(rule.line, "{} has other features here than in its rules", part.category);
        }
      }
    }
    if (!text_.templates.front().symbol.arguments.empty()) {
      error(text_.templates.front().line, "the first rule's category is a sentence: no features");
    }
  }

  int symbol_id(const CategoryUse& use, const Values& values) {
    std::string key = use.category;
    for (const FeatureArgument& argument : use.arguments) {
      const int value =
          argument.variable.empty() ? argument.values.front() : values.at(argument.variable);
      key += ' ' + std::to_string(value);
    }
    return symbols_.emplace(key, static_cast<int>(symbols_.size())).first->second;
  }

  std::map<std::string, std::vector<int>> variables(const RuleTemplate& rule) const {
    std::map<std::string, std::vector<int>> domains;
    const auto add = [&](const CategoryUse& use) {
      for (const FeatureArgument& argument : use.arguments) {
        if (argument.variable.empty()) continue;
        const auto bound = rule.bindings.find(argument.variable);
        domains[argument.variable] = bound == rule.bindings.end() ? argument.values : bound->second;
      }
    };
    add(rule.symbol);
    for (const CategoryUse& part : rule.parts) add(part);
    return domains;
  }

  void expand_template(int origin) {
    const RuleTemplate& written = text_.templates[origin];
    std::vector<Values> all(1);
    for (const auto& [variable, domain] : variables(written)) {
      if (expansions_.size() + all.size() * domain.size() > kMaxRules) {
        error(written.line, "too many rules with all values of the features; expected at most {}",
              kMaxRules);
      }
      std::vector<Values> longer;
      for (const Values& values : all) {
        for (int value : domain) {
          longer.push_back(values);
          longer.back()[variable] = value;
        }
      }
      all = std::move(longer);
    }
    for (const Values& values : all) {
      GrammarRule rule = written.rule;
      rule.symbol = symbol_id(written.symbol, values);
      for (const CategoryUse& part : written.parts) rule.parts.push_back(symbol_id(part, values));
      expansions_.push_back({origin, std::move(rule)});
    }
  }

  /// Keeps the rules whose parts all derive words: the least fixed point.
  void drop_unproductive() {
    std::vector<bool> productive(symbols_.size(), false);
    const auto works = [&](const Expansion& expansion) {
      return std::all_of(expansion.rule.parts.begin(), expansion.rule.parts.end(),
                         [&](int part) { return productive[part]; });
    };
    for (bool changed = true; changed;) {
      changed = false;
      for (const Expansion& expansion : expansions_) {
        if (productive[expansion.rule.symbol] || !works(expansion)) continue;
        productive[expansion.rule.symbol] = changed = true;
      }
    }
    expansions_.erase(std::remove_if(expansions_.begin(), expansions_.end(),
                                     [&](const Expansion& e) { return !works(e); }),
                      expansions_.end());
  }

  /// A line that no sentence can use is an error: a wrong feature, or a word that is in no class.
  void check_every_line_is_used() {
    std::vector<std::vector<const Expansion*>> of_symbol(symbols_.size());
    for (const Expansion& expansion : expansions_) {
      of_symbol[expansion.rule.symbol].push_back(&expansion);
    }
    std::vector<bool> seen(symbols_.size(), false);
    std::set<int> used_lines;
    std::vector<int> open{start()};
    seen[start()] = true;
    while (!open.empty()) {
      const int symbol = open.back();
      open.pop_back();
      for (const Expansion* expansion : of_symbol[symbol]) {
        used_lines.insert(text_.templates[expansion->origin].line);
        for (int part : expansion->rule.parts) {
          if (!seen[part]) open.push_back(part);
          seen[part] = true;
        }
      }
    }
    for (const RuleTemplate& rule : text_.templates) {
      if (used_lines.count(rule.line) == 0) error(rule.line, "no sentence can use this line");
    }
  }

  /// The weight of a written rule is divided among its expansions of the same symbol; then the
  /// weights of each symbol's rules are normalized to sum to 1.
  std::vector<std::vector<GrammarRule>> share_weights() {
    std::map<std::pair<int, int>, int> shares;
    for (const Expansion& e : expansions_) ++shares[{e.origin, e.rule.symbol}];
    std::vector<std::vector<GrammarRule>> rules(symbols_.size());
    std::vector<double> totals(symbols_.size(), 0);
    for (Expansion& e : expansions_) {
      e.rule.weight /= shares[{e.origin, e.rule.symbol}];
      totals[e.rule.symbol] += e.rule.weight;
      rules[e.rule.symbol].push_back(std::move(e.rule));
    }
    for (auto& of_symbol : rules) {
      for (GrammarRule& rule : of_symbol) rule.weight /= totals[rule.symbol];
    }
    return rules;
  }

  const GrammarText& text_;
  std::map<std::string, int> symbols_;
  std::vector<Expansion> expansions_;
};

}  // namespace

Grammar Grammar::parse(std::string_view text, std::string_view name) {
  const GrammarText read = read_grammar_text(text, name);
  Expander expander(read);
  Grammar grammar;
  grammar.rules_ = expander.expand();
  grammar.start_ = expander.start();
  grammar.source_vowels_ = read.source_vowels;
  grammar.target_vowels_ = read.target_vowels;
  std::set<std::string> lemmas;
  for (const RuleTemplate& rule : read.templates) lemmas.insert(rule.rule.lemma);
  for (const HeldOut& pair : read.held_out) {
    for (const std::string& word : {pair.first, pair.second}) {
      if (lemmas.count(word) == 0) {
        fail("{}:{}: a held-out word heads no table row; got \"{}\"", name, pair.line, word);
      }
    }
    grammar.held_out_.push_back(pair.first + " " + pair.second);
  }
  return grammar;
}

}  // namespace weft::data
