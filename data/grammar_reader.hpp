#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/grammar.hpp"

namespace weft::data {

/// A feature and its values: `feature n : sg pl`.
struct Feature {
  std::string name;
  std::vector<std::string> values;
};

/// One argument of a category: a value, or a variable that stands for several.
struct FeatureArgument {
  int feature = -1;
  std::string variable;     ///< "n", "n2" or "eats|eat"; empty for a value.
  std::vector<int> values;  ///< The value, or those the variable takes.
};

/// A category with its arguments: `Noun[k,g,n]`.
struct CategoryUse {
  std::string category;
  std::vector<FeatureArgument> arguments;
};

/// A rule as it is written, before its variables are filled in; `rule.parts` is still empty.
struct RuleTemplate {
  int line = 0;
  CategoryUse symbol;
  std::vector<CategoryUse> parts;
  std::map<std::string, std::vector<int>> bindings;  ///< Values that a `rows` line allows.
  GrammarRule rule;
};

/// A held-out combination and the line that declares it.
struct HeldOut {
  int line = 0;
  std::string first, second;
};

/// A grammar file after reading and before expansion.
struct GrammarText {
  std::string name;
  std::vector<Feature> features;
  std::vector<RuleTemplate> templates;
  VowelRule source_vowels, target_vowels;
  std::vector<HeldOut> held_out;
};

/// Reads the notation that `data/en-fr.grammar` explains. Throws Error naming file and line.
GrammarText read_grammar_text(std::string_view text, std::string_view name);

}  // namespace weft::data
