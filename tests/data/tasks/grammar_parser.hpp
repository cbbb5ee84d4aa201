#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "data/tasks/grammar.hpp"

namespace weft::data {

/// Finds every translation that a grammar has for a sentence, by trying all derivations top down
/// with memoization.
class GrammarParser {
 public:
  GrammarParser(const Grammar& grammar, std::vector<std::string> sentence)
      : grammar_(grammar), sentence_(std::move(sentence)) {}

  std::set<std::vector<std::string>> translations() {
    std::set<std::vector<std::string>> whole;
    const Spans spans = parse(grammar_.start(), 0);
    const auto found = spans.find(static_cast<int>(sentence_.size()));
    if (found == spans.end()) return whole;
    for (const Words& target : found->second) {
      whole.insert(spell(target, grammar_.target_vowels()).words);
    }
    return whole;
  }

 private:
  using Words = std::vector<GrammarWord>;
  struct Before {
    bool operator()(const Words& a, const Words& b) const {
      return std::lexicographical_compare(
          a.begin(), a.end(), b.begin(), b.end(), [](const GrammarWord& v, const GrammarWord& w) {
            return std::tie(v.form, v.before_vowel) < std::tie(w.form, w.before_vowel);
          });
    }
  };
  using Spans = std::map<int, std::set<Words, Before>>;  // end -> unspelled targets

  struct Partial {
    int at;
    std::vector<Words> parts;  // the targets of the parts so far
  };

  /// The end of a source word that starts at `at`, or -1.
  int match(const GrammarWord& word, int at) const {
    for (const std::string& form : {word.form, word.before_vowel}) {
      std::string seen;
      for (int end = at; end < static_cast<int>(sentence_.size()) && seen.size() < form.size();) {
        seen += (seen.empty() ? "" : "_") + sentence_[end++];
        if (seen == form) return end;
      }
    }
    return -1;
  }

  static Words render(const GrammarRule& rule, const std::vector<Words>& parts) {
    Words words;
    for (const GrammarItem& item : rule.target) {
      if (item.part < 0) {
        words.push_back(item.word);
      } else {
        words.insert(words.end(), parts[item.part].begin(), parts[item.part].end());
      }
    }
    return words;
  }

  const Spans& parse(int symbol, int at) {
    const auto [found, fresh] = memory_.try_emplace({symbol, at});
    if (!fresh) return found->second;
    Spans spans;
    for (const GrammarRule& rule : grammar_.rules()[symbol]) {
      for (const Partial& partial : parse_source(rule, at)) {
        spans[partial.at].insert(render(rule, partial.parts));
      }
    }
    return memory_[{symbol, at}] = std::move(spans);
  }

  std::vector<Partial> parse_source(const GrammarRule& rule, int at) {
    std::vector<Partial> open{{at, {}}};
    for (const GrammarItem& item : rule.source) {
      std::vector<Partial> next;
      for (const Partial& partial : open) {
        if (item.part < 0) {
          const int end = match(item.word, partial.at);
          if (end >= 0) next.push_back({end, partial.parts});
          continue;
        }
        for (const auto& [end, targets] : parse(rule.parts[item.part], partial.at)) {
          for (const Words& target : targets) {
            next.push_back({end, partial.parts});
            next.back().parts.push_back(target);
          }
        }
      }
      open = std::move(next);
    }
    return open;
  }

  const Grammar& grammar_;
  std::vector<std::string> sentence_;
  std::map<std::pair<int, int>, Spans> memory_;
};

}  // namespace weft::data
