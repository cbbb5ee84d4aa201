#include "data/tasks/grammar.hpp"

#include <algorithm>
#include <functional>

#include "autograd/error.hpp"

namespace weft::data {
namespace {

constexpr int kMaxDepth = 200;

/// An unspelled sentence; `origin[i]` is the rule application that word i comes from.
struct Leaves {
  std::vector<GrammarWord> words;
  std::vector<int> origin;
};

std::vector<std::string> split_underscores(const std::string& form) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  for (std::size_t end; (end = form.find('_', begin)) != std::string::npos; begin = end + 1) {
    words.push_back(form.substr(begin, end - begin));
  }
  words.push_back(form.substr(begin));
  return words;
}

/// Links words that belong to the same rule application and the same group.
std::vector<std::pair<int, int>> align(const Leaves& source_leaves, const Spelling& source,
                                       const Leaves& target_leaves, const Spelling& target) {
  const auto key = [](const Leaves& leaves, int word) {
    return std::pair(leaves.origin[word], leaves.words[word].group);
  };
  std::vector<std::pair<int, int>> links;
  for (std::size_t i = 0; i < source.words.size(); ++i) {
    for (std::size_t j = 0; j < target.words.size(); ++j) {
      if (key(source_leaves, source.word_of[i]) == key(target_leaves, target.word_of[j])) {
        links.emplace_back(i, j);
      }
    }
  }
  return links;
}

}  // namespace

struct Grammar::Node {
  const GrammarRule* rule;
  std::vector<int> children;  // node indices, in the order of rule->parts
  std::string_view lemma;
};

struct Grammar::Tree {
  std::vector<Node> nodes;
  std::vector<std::string> held_out;

  void leaves(int node, std::vector<GrammarItem> GrammarRule::*side, Leaves& out) const {
    for (const GrammarItem& item : nodes[node].rule->*side) {
      if (item.part < 0) {
        out.words.push_back(item.word);
        out.origin.push_back(node);
      } else {
        leaves(nodes[node].children[item.part], side, out);
      }
    }
  }
};

bool VowelRule::starts_with_vowel(std::string_view word) const {
  if (exceptions.count(std::string(word)) > 0) return false;
  return std::any_of(letters.begin(), letters.end(), [&](const std::string& letter) {
    return word.substr(0, letter.size()) == letter;
  });
}

Spelling spell(const std::vector<GrammarWord>& sentence, const VowelRule& vowels) {
  Spelling spelling;  // from right to left, since a form depends on the next word
  for (int i = static_cast<int>(sentence.size()) - 1; i >= 0; --i) {
    const bool vowel_follows =
        !spelling.words.empty() && vowels.starts_with_vowel(spelling.words.back());
    const auto words =
        split_underscores(vowel_follows ? sentence[i].before_vowel : sentence[i].form);
    spelling.words.insert(spelling.words.end(), words.rbegin(), words.rend());
    spelling.word_of.insert(spelling.word_of.end(), words.size(), i);
  }
  std::reverse(spelling.words.begin(), spelling.words.end());
  std::reverse(spelling.word_of.begin(), spelling.word_of.end());
  return spelling;
}

const GrammarRule& Grammar::choose(int symbol, SplitMix64& random) const {
  const auto& rules = rules_[symbol];
  double left = random.uniform();
  for (const GrammarRule& rule : rules) {
    if ((left -= rule.weight) < 0) return rule;
  }
  return rules.back();  // reached only through rounding
}

std::string Grammar::held_out_name(std::string_view a, std::string_view b) const {
  for (const std::string& name : {fmt::format("{} {}", a, b), fmt::format("{} {}", b, a)}) {
    if (std::find(held_out_.begin(), held_out_.end(), name) != held_out_.end()) return name;
  }
  return "";
}

int Grammar::derive(int symbol, int depth, SplitMix64& random, Tree& tree) const {
  if (depth > kMaxDepth) {
    fail(
        "grammar: a sentence is nested deeper than {} rules; hint: give recursive rules less "
        "weight",
        kMaxDepth);
  }
  const GrammarRule& rule = choose(symbol, random);
  const int index = static_cast<int>(tree.nodes.size());
  tree.nodes.push_back({&rule, {}, rule.lemma});
  for (int part : rule.parts) {
    const int child = derive(part, depth + 1, random, tree);
    tree.nodes[index].children.push_back(child);
  }
  const auto lemma_of = [&](int part) {
    return tree.nodes[tree.nodes[index].children[part]].lemma;
  };
  if (rule.head >= 0) tree.nodes[index].lemma = lemma_of(rule.head);
  if (!rule.meeting.empty()) {
    const auto name = held_out_name(lemma_of(rule.meeting[0]), lemma_of(rule.meeting[1]));
    if (!name.empty()) tree.held_out.push_back(name);
  }
  return index;
}

ToyPair Grammar::generate(SplitMix64& random) const {
  Tree tree;
  const int root = derive(start_, 0, random, tree);
  Leaves source_leaves, target_leaves;
  tree.leaves(root, &GrammarRule::source, source_leaves);
  tree.leaves(root, &GrammarRule::target, target_leaves);
  Spelling source = spell(source_leaves.words, source_vowels_);
  Spelling target = spell(target_leaves.words, target_vowels_);
  auto alignment = align(source_leaves, source, target_leaves, target);
  return {std::move(source.words), std::move(target.words), std::move(alignment),
          std::move(tree.held_out)};
}

double Grammar::number_of_derivations(int max_length) const {
  // trees[symbol][L]: the number of derivations of L source words. Parts are never empty, so every
  // recursion reaches fewer words.
  constexpr double kUnknown = -1, kOpen = -2;
  std::vector<std::vector<double>> trees(rules_.size(),
                                         std::vector<double>(max_length + 1, kUnknown));
  std::function<double(int, int)> of_symbol;
  const std::function<double(const std::vector<int>&, std::size_t, int)> of_parts =
      [&](const std::vector<int>& parts, std::size_t first, int length) -> double {
    if (first == parts.size()) return length == 0 ? 1 : 0;
    const int rest = static_cast<int>(parts.size() - first) - 1;
    if (rest == 0) return length > 0 ? of_symbol(parts[first], length) : 0;
    double sum = 0;
    for (int n = 1; n <= length - rest; ++n) {
      const double head = of_symbol(parts[first], n);
      if (head > 0) sum += head * of_parts(parts, first + 1, length - n);
    }
    return sum;
  };
  of_symbol = [&](int symbol, int length) {
    double& known = trees[symbol][length];
    if (known == kOpen) fail("grammar: a category is made of itself alone, without end");
    if (known != kUnknown) return known;
    known = kOpen;
    double sum = 0;
    for (const GrammarRule& rule : rules_[symbol]) {
      int words = 0;
      for (const GrammarItem& item : rule.source) {
        if (item.part < 0) words += static_cast<int>(split_underscores(item.word.form).size());
      }
      if (words <= length) sum += of_parts(rule.parts, 0, length - words);
    }
    return known = sum;
  };
  double total = 0;
  for (int length = 1; length <= max_length; ++length) total += of_symbol(start_, length);
  return total;
}

}  // namespace weft::data
