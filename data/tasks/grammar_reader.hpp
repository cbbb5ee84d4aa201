#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/tasks/grammar.hpp"

namespace weft::data {

/// A feature and its values: `feature n : sg pl`.
struct Feature {
  std::string name;                 ///< Without a digit at its end: n2 is a second variable of n.
  std::vector<std::string> values;  ///< At least one; no other feature has the same.
};

/// One argument of a category: a value, or a variable that stands for several.
struct FeatureArgument {
  int feature = -1;         ///< Index into `GrammarText::features`.
  std::string variable;     ///< "n", "n2" or "eats|eat"; empty for a value.
  std::vector<int> values;  ///< Indices: the value, or those the variable takes.
};

/// A category with its arguments: `Noun[k,g,n]`.
struct CategoryUse {
  std::string category;  ///< A part's without the digits that number it: Clause2 is Clause.
  std::vector<FeatureArgument> arguments;  ///< In the order that all uses of the category share.
};

/// A rule as it is written, before its variables are filled in; `rule.parts` is still empty.
struct RuleTemplate {
  int line = 0;                    ///< From 1; of a table's rule, the row's.
  CategoryUse symbol;              ///< What stands before `->`.
  std::vector<CategoryUse> parts;  ///< In source order, which the items' `part` counts.
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
  std::string name;                     ///< The file's, for error messages.
  std::vector<Feature> features;        ///< In the order of the file; arguments refer to it.
  std::vector<RuleTemplate> templates;  ///< Never empty; the first one's symbol is a sentence.
  /// Without letters if the file has no line `source vowels`.
  VowelRule source_vowels, target_vowels;  ///< The same of `target vowels`.
  std::vector<HeldOut> held_out;           ///< Not yet checked to be lemmas of the tables.
};

/// Reads the notation that `data/tasks/en-fr.grammar` explains. Throws Error naming file and line.
GrammarText read_grammar_text(std::string_view text, std::string_view name);

}  // namespace weft::data
