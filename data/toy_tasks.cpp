#include "data/toy_tasks.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <unordered_set>

#include "autograd/error.hpp"
#include "data/suggest.hpp"

namespace weft::data {
namespace {

constexpr std::size_t kTrainSize = 20000;
constexpr std::size_t kTestSize = 1000;
constexpr std::size_t kTrainLength = 12;  // source words, the full stop included
constexpr std::size_t kTestLength = 20;
constexpr std::uint64_t kStream = 0;  // which of the generator's streams: part of the task

void check_name(std::string_view name) {
  std::vector<std::string_view> known;
  for (const ToyTask& task : toy_tasks()) known.push_back(task.name);
  choose("toy task", name, known);
}

/// The split a fresh pair belongs to while it has room, or null.
std::vector<ToyPair>* place(const ToyPair& pair, ToySplits& splits) {
  const auto room = [](std::vector<ToyPair>& split, std::size_t size) {
    return split.size() < size ? &split : nullptr;
  };
  const std::size_t length = pair.source.size();
  if (length > kTestLength) return nullptr;
  if (length > kTrainLength) {
    return pair.held_out.empty() ? room(splits.test_length, kTestSize) : nullptr;
  }
  if (!pair.held_out.empty()) return room(splits.test_composition, kTestSize);
  for (auto* split : {&splits.test, &splits.valid}) {
    if (split->size() < kTestSize) return split;
  }
  return room(splits.train, kTrainSize);
}

bool complete(const ToySplits& splits) {
  return splits.train.size() == kTrainSize && splits.valid.size() == kTestSize &&
         splits.test.size() == kTestSize && splits.test_composition.size() == kTestSize &&
         splits.test_length.size() == kTestSize;
}

std::string join(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

[[noreturn]] void fail_writing(const std::filesystem::path& path) {
  fail("{}: cannot write the file; got: {}", path.string(), std::generic_category().message(errno));
}

/// Under a temporary name until it is whole: an error leaves the old file as it was.
void write_tsv(const std::vector<ToyPair>& pairs, const std::filesystem::path& path) {
  const std::string temporary = path.string() + ".tmp";
  errno = 0;
  std::ofstream file(temporary, std::ios::binary);
  for (const ToyPair& pair : pairs) {
    // Not after a failure: its reason would be lost.
    if (file) file << join(pair.source) << '\t' << join(pair.target) << '\n';
  }
  if (file) file.close();
  if (!file || std::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    std::remove(temporary.c_str());
    errno = reason;
    fail_writing(path);
  }
}

}  // namespace

const std::vector<ToyTask>& toy_tasks() {
  static const std::vector<ToyTask> tasks{
      {"en-fr", "English to French: agreement, word order, negation, elision, questions, clauses"}};
  return tasks;
}

ToySplits make_toy_task(std::string_view name) {
  check_name(name);
  const Grammar grammar = Grammar::parse(kEnFrGrammar, "data/en-fr.grammar");
  SplitMix64 random(kStream);
  std::unordered_set<std::string> seen;
  ToySplits splits;
  while (!complete(splits)) {
    ToyPair pair = grammar.generate(random);
    std::vector<ToyPair>* split = place(pair, splits);
    if (split != nullptr && seen.insert(join(pair.source)).second) {
      split->push_back(std::move(pair));
    }
  }
  return splits;
}

void write_toy_task(std::string_view name, const std::string& directory) {
  const ToySplits splits = make_toy_task(name);
  const std::filesystem::path folder(directory);
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem) fail("{}: cannot make the folder; got: {}", directory, problem.message());
  write_tsv(splits.train, folder / "train.tsv");
  write_tsv(splits.valid, folder / "valid.tsv");
  write_tsv(splits.test, folder / "test.tsv");
  write_tsv(splits.test_composition, folder / "test-composition.tsv");
  write_tsv(splits.test_length, folder / "test-length.tsv");
}

}  // namespace weft::data
