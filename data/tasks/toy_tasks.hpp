#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/tasks/grammar.hpp"

namespace weft::data {

/// The text of `data/tasks/en-fr.grammar`, built into the library.
extern const std::string_view kEnFrGrammar;

/// A built-in task.
struct ToyTask {
  std::string name;         ///< As passed to `make_toy_task`.
  std::string description;  ///< One line.
};

/// The pairs of a task. Within the first four splits taken together, every source occurs only once.
struct ToySplits {
  std::vector<ToyPair> train;             ///< 50,000 short pairs (20,000 for `en-fr` and `dates`).
  std::vector<ToyPair> valid;             ///< 1,000 like them.
  std::vector<ToyPair> test;              ///< 1,000 like them.
  std::vector<ToyPair> test_composition;  ///< 1,000 with a combination held out of the three above.
  std::vector<ToyPair> test_length;       ///< 1,000 that are longer than all of the above.
};

/// All built-in tasks.
const std::vector<ToyTask>& toy_tasks();

/// Makes the sentences of a task, identical on every machine and in every run. Throws Error for an
/// unknown name.
ToySplits make_toy_task(std::string_view name);

/// A file of a task.
struct ToyFile {
  std::string name;  ///< "train.tsv"
  std::string text;  ///< one pair per line: source TAB target
};

/// Makes the files of a task: `train.tsv valid.tsv test.tsv` and, if the task has them,
/// `test-composition.tsv` and `test-length.tsv`. Throws Error for an unknown name.
std::vector<ToyFile> toy_task_files(std::string_view name);

}  // namespace weft::data
