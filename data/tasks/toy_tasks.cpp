#include "data/tasks/toy_tasks.hpp"

#include <algorithm>
#include <functional>
#include <unordered_set>

#include "autograd/error.hpp"
#include "autograd/suggest.hpp"
#include "data/tasks/toy_rules.hpp"

namespace weft::data {
namespace {

constexpr std::size_t kTestSize = 1000;
constexpr std::uint64_t kStream = 0;  // the generator's stream: part of the task

std::size_t source_words(const ToyPair& pair) { return pair.source.size(); }
std::size_t source_letters(const ToyPair& pair) { return pair.source.front().size(); }

/// How a task's pairs are made, and which of them are used for training.
struct Recipe {
  ToyTask task;
  std::function<ToyPair(SplitMix64&)> make;
  std::size_t (*length)(const ToyPair&) = source_words;  ///< the length that the limits apply to
  std::size_t train_length;                              ///< maximum length in training
  std::size_t test_length = 0;  ///< maximum length in test-length; 0: no such split
  bool composition = false;     ///< whether some pairs are held out
  std::size_t train_size = 20000;
};

Recipe en_fr() {
  static const Grammar grammar = Grammar::parse(kEnFrGrammar, "data/tasks/en-fr.grammar");
  constexpr int kLength = 12;
  return {
      .task = {"en-fr", fmt::format("English to French: agreement, word order, negation, elision, "
                                    "questions, clauses; {:.0e} derivations of up to {} words",
                                    grammar.number_of_derivations(kLength), kLength)},
      .make = [](SplitMix64& random) { return grammar.generate(random); },
      .train_length = kLength,
      .test_length = 20,
      .composition = true};
}

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all = {
      en_fr(),
      {.task = {"copy", "up to 12 of 50 symbols, unchanged"},
       .make = toy_rules::copy,
       .train_length = 12,
       .test_length = 20,
       .train_size = 50000},
      {.task = {"reverse", "up to 12 of 50 symbols, reversed"},
       .make = toy_rules::reverse,
       .train_length = 12,
       .test_length = 20,
       .train_size = 50000},
      {.task = {"sort", "up to 8 numbers below 50, in ascending order"},
       .make = toy_rules::sort,
       .train_length = 8,
       .test_length = 12,
       .train_size = 50000},
      {.task = {"addition",
                "207+54 -> 162: the sum of two numbers of up to 3 digits, written in reverse"},
       .make = toy_rules::addition,
       .length = source_letters,
       .train_length = 7,
       .test_length = 9,
       .train_size = 50000},
      {.task = {"dates", "the 3rd of may 1997 -> 1997-05-03: dates in six formats to ISO 8601"},
       .make = toy_rules::dates,
       .length = source_letters,
       .train_length = 100,
       .composition = true}};
  return all;
}

const Recipe& recipe(std::string_view name) {
  std::vector<std::string_view> known;
  for (const ToyTask& task : toy_tasks()) known.push_back(task.name);
  return recipes()[choose("toy task", name, known)];
}

/// One split of a task, with its name and size.
struct NamedSplit {
  std::vector<ToyPair>& pairs;
  std::string_view name;
  std::size_t size;
};

std::vector<NamedSplit> parts(const Recipe& recipe, ToySplits& splits) {
  std::vector<NamedSplit> all = {{splits.train, "train", recipe.train_size},
                                 {splits.valid, "valid", kTestSize},
                                 {splits.test, "test", kTestSize}};
  if (recipe.composition) all.push_back({splits.test_composition, "test-composition", kTestSize});
  if (recipe.test_length > 0) all.push_back({splits.test_length, "test-length", kTestSize});
  return all;
}

/// Returns the split that a new pair belongs to if it still has room, otherwise null.
std::vector<ToyPair>* place(const ToyPair& pair, const Recipe& recipe, ToySplits& splits) {
  const auto room = [](std::vector<ToyPair>& split, std::size_t size) {
    return split.size() < size ? &split : nullptr;
  };
  const std::size_t length = recipe.length(pair);
  if (length > recipe.train_length) {
    const bool longer = length <= recipe.test_length && pair.held_out.empty();
    return longer ? room(splits.test_length, kTestSize) : nullptr;
  }
  if (!pair.held_out.empty()) return room(splits.test_composition, kTestSize);
  for (auto* split : {&splits.test, &splits.valid}) {
    if (split->size() < kTestSize) return split;
  }
  return room(splits.train, recipe.train_size);
}

bool complete(const Recipe& recipe, ToySplits& splits) {
  return std::ranges::all_of(parts(recipe, splits),
                             [](const NamedSplit& part) { return part.pairs.size() == part.size; });
}

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

/// One pair per line: source TAB target.
std::string to_tsv(const std::vector<ToyPair>& pairs) {
  std::string text;
  for (const ToyPair& pair : pairs) {
    text += fmt::format("{}\t{}\n", join(pair.source), join(pair.target));
  }
  return text;
}

}  // namespace

const std::vector<ToyTask>& toy_tasks() {
  static const std::vector<ToyTask> tasks = [] {
    std::vector<ToyTask> all;
    for (const Recipe& recipe : recipes()) all.push_back(recipe.task);
    return all;
  }();
  return tasks;
}

ToySplits make_toy_task(std::string_view name) {
  const Recipe& chosen = recipe(name);
  SplitMix64 random(kStream);
  std::unordered_set<std::string> seen;
  ToySplits splits;
  while (!complete(chosen, splits)) {
    ToyPair pair = chosen.make(random);
    std::vector<ToyPair>* split = place(pair, chosen, splits);
    if (split != nullptr && seen.insert(join(pair.source)).second) {
      split->push_back(std::move(pair));
    }
  }
  return splits;
}

std::vector<ToyFile> toy_task_files(std::string_view name) {
  ToySplits splits = make_toy_task(name);
  std::vector<ToyFile> files;
  for (const NamedSplit& part : parts(recipe(name), splits)) {
    files.push_back({fmt::format("{}.tsv", part.name), to_tsv(part.pairs)});
  }
  return files;
}

}  // namespace weft::data
