#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/tasks/grammar.hpp"

namespace weft::data {

/// A feature and its values: `feature n : sg pl`.
struct Feature {
  std::string name;                 ///< Without a trailing digit: n2 is a second variable of n.
  std::vector<std::string> values;  ///< At least one; no two features share a value.
};

/// One argument of a category: a value, or a variable that ranges over several.
struct FeatureArgument {
  int feature = -1;         ///< Index into `GrammarText::features`.
  std::string variable;     ///< "n", "n2" or "eats|eat"; empty for a value.
  std::vector<int> values;  ///< Indices of the value, or of those the variable takes.
};

/// A category with its arguments: `Noun[k,g,n]`.
struct CategoryUse {
  std::string category;                    ///< For a part, without its number: Clause2 is Clause.
  std::vector<FeatureArgument> arguments;  ///< In the order shared by all uses of the category.
};

/// A rule as written, before its variables are filled in; `rule.parts` is still empty.
struct RuleTemplate {
  int line = 0;                    ///< From 1; for a rule of a table, the row's.
  CategoryUse symbol;              ///< The left-hand side, before `->`.
  std::vector<CategoryUse> parts;  ///< In source order, indexed by the items' `part`.
  std::map<std::string, std::vector<int>> bindings;  ///< Values that a `rows` line allows.
  GrammarRule rule;  ///< Its words, weight, lemma and marks; the weight is not normalized yet.
};

/// A held-out combination and the line that declares it.
struct HeldOut {
  int line = 0;  ///< From 1.
  /// The lemma that the file names first; a sentence may have them in either order.
  std::string first, second;  ///< The other one.
};

/// A grammar file after reading and before expansion.
struct GrammarText {
  std::string name;                     ///< The file's name, for error messages.
  std::vector<Feature> features;        ///< In the order of the file; arguments refer to it.
  std::vector<RuleTemplate> templates;  ///< Never empty; the first one's symbol is a sentence.
  /// Without letters if the file has no line `source vowels`.
  VowelRule source_vowels, target_vowels;  ///< Likewise for `target vowels`.
  std::vector<HeldOut> held_out;           ///< Not yet checked against the lemmas of the tables.
};

/// Parses the notation explained in `data/tasks/en-fr.grammar`. Throws Error naming file and line.
GrammarText read_grammar_text(std::string_view text, std::string_view name);

}  // namespace weft::data
