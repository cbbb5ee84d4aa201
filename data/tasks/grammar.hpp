#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/tasks/splitmix.hpp"

namespace weft::data {

/// One sentence of a toy language with its translation.
struct ToyPair {
  /// Words; joined by single spaces they are the text.
  std::vector<std::string> source, target;     ///< Words of the translation.
  std::vector<std::pair<int, int>> alignment;  ///< (source word, target word), sorted.
  std::vector<std::string> held_out;  ///< The held-out combinations in it, such as "big car".
};

/// One word of a rule: `le/l':2` is the word "le", or "l'" before a vowel sound, in link group 2.
/// An underscore in a form stands for a space: `au/à_l'`.
struct GrammarWord {
  std::string form;          ///< The form before a consonant.
  std::string before_vowel;  ///< The form before a vowel sound.
  int group = 0;             ///< Words of the same rule and group translate each other.
};

/// One item on a side of a rule: a part (an index into `GrammarRule::parts`) or a word.
struct GrammarItem {
  int part = -1;     ///< -1 for a word.
  GrammarWord word;  ///< Empty for a part.
};

/// One rule of the synchronous context-free grammar, with its features filled in: `symbol` becomes
/// `source` in one language and `target` in the other.
struct GrammarRule {
  int symbol = -1;         ///< Index into `Grammar::rules()`.
  double weight = 1;       ///< Its probability among the rules of its symbol.
  std::vector<int> parts;  ///< Symbols, in source order.
  /// Each part once, in the order of `parts`, and words around them.
  std::vector<GrammarItem> source, target;  ///< In its own order; a part may be missing.
  std::string lemma;         ///< The dictionary word, if the rule is a row of a table.
  int head = -1;             ///< The part whose lemma this rule inherits; -1 if none.
  std::vector<int> meeting;  ///< Empty, or the two parts whose lemmas form a combination.
};

/// The spelling rule of one language: which words begin with a vowel sound.
struct VowelRule {
  std::vector<std::string> letters;  ///< A word begins with a vowel if it starts with one of these,
  std::set<std::string> exceptions;  ///< unless it is one of these (h aspiré: "le hibou").

  /// Compares bytes: upper case, and accents other than those in `letters`, are not vowels. Returns
  /// false if there are no letters.
  bool starts_with_vowel(std::string_view word) const;
};

/// A spelled sentence; `word_of[i]` is the unspelled word that word i comes from.
struct Spelling {
  std::vector<std::string> words;  ///< Without spaces and underscores.
  std::vector<int> word_of;        ///< As long as `words`, non-decreasing.
};

/// Chooses each word's form according to the word that follows it, and splits forms at underscores.
Spelling spell(const std::vector<GrammarWord>& sentence, const VowelRule& vowels);

/// A weighted synchronous context-free grammar (Aho and Ullman 1969; Chiang 2007 for translation).
/// The notation of grammar files is explained in `data/tasks/en-fr.grammar`.
class Grammar {
 public:
  /// Parses a grammar. `name` is the file's name for error messages. Throws Error with
  /// `<name>:<line>: ...` for anything that is not a grammar.
  static Grammar parse(std::string_view text, std::string_view name);

  /// Draws one sentence according to the weights of the rules. Throws Error if the derivation grows
  /// without bound (recursive rules with too much weight).
  ToyPair generate(SplitMix64& random) const;

  /// Returns the number of derivations with at most `max_length` source words: an exact count of
  /// trees, and an upper bound on the number of sentences (two trees may spell the same one).
  /// Throws Error if a category can derive itself without a word.
  double number_of_derivations(int max_length) const;

  /// The rules of each symbol, their weights summing to 1; empty for a symbol that derives no
  /// words.
  const std::vector<std::vector<GrammarRule>>& rules() const { return rules_; }
  /// The category of the grammar's first rule.
  int start() const { return start_; }
  /// The vowel rule of the source; without letters if the grammar does not have this line.
  const VowelRule& source_vowels() const { return source_vowels_; }
  /// Likewise for the target.
  const VowelRule& target_vowels() const { return target_vowels_; }
  /// The held-out combinations, each as its two lemmas in the order of the file: "big car".
  const std::vector<std::string>& held_out() const { return held_out_; }

 private:
  struct Node;
  struct Tree;

  const GrammarRule& choose(int symbol, SplitMix64& random) const;
  int derive(int symbol, int depth, SplitMix64& random, Tree& tree) const;
  /// Returns the declared name of a combination if it is held out, otherwise "".
  std::string held_out_name(std::string_view a, std::string_view b) const;

  std::vector<std::vector<GrammarRule>> rules_;
  int start_ = -1;
  VowelRule source_vowels_, target_vowels_;
  std::vector<std::string> held_out_;
};

}  // namespace weft::data
