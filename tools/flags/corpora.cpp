#include "tools/flags/corpora.hpp"

#include "data/tasks/toy_tasks.hpp"

namespace weft::tools {
namespace {

std::vector<data::TextPair> text_of(const std::vector<data::ToyPair>& pairs) {
  std::vector<data::TextPair> lines;
  lines.reserve(pairs.size());
  for (const data::ToyPair& pair : pairs) {
    lines.push_back({fmt::format("{}", fmt::join(pair.source, " ")),
                     fmt::format("{}", fmt::join(pair.target, " "))});
  }
  return lines;
}

std::string file(std::string* field, const std::string& name, const std::string& help) {
  return data::option(field, name, "", help, {.placeholder = "FILE", .adjustable = true});
}

}  // namespace

PairFiles::PairFiles(const std::string& name, const std::string& what)
    : tsv(file(&tsv, name + "-tsv", what + ", one 'source TAB target' per line")),
      src(file(&src, name + "-src", "source side of the " + what + ", one sentence per line")),
      trg(file(&trg, name + "-trg", "target side of the " + what)) {}

void check_pair_files(const Options& options, const std::string& name, const PairFiles& files) {
  const bool two = !files.src.empty() || !files.trg.empty();
  if (!files.tsv.empty() && two) {
    misuse("{}: got --{}-tsv and --{}-src or --{}-trg; expected one TSV file or two files",
           options.command(), name, name, name);
  }
  if (two && (files.src.empty() || files.trg.empty())) {
    misuse("{}: --{}-{} FILE is missing", options.command(), name,
           files.src.empty() ? "src" : "trg");
  }
}

std::vector<data::TextPair> read_pairs(const PairFiles& files) {
  return files.tsv.empty() ? data::read_parallel(files.src, files.trg) : data::read_tsv(files.tsv);
}

std::vector<std::string> toy_task_names() {
  std::vector<std::string> names;
  for (const data::ToyTask& task : data::toy_tasks()) {
    names.push_back(task.name);
  }
  return names;
}

Corpora toy_corpora(const std::string& task) {
  const data::ToySplits splits = data::make_toy_task(task);
  return {text_of(splits.train), text_of(splits.valid)};
}

}  // namespace weft::tools
