#include "tools/measure/corpus_messages.hpp"

#include "tools/terminal/progress.hpp"

namespace weft::tools {
namespace {

/// Above this share of unknown words, a model mostly guesses.
constexpr double kManyUnknown = 0.1;

std::string count(std::int64_t number) { return format_count(static_cast<double>(number)); }

std::string row(std::string_view corpus, std::string_view side, const std::string& pairs,
                const data::SideReport& report, double unknown) {
  const data::Lengths& lengths = report.lengths;
  return fmt::format("{:<6} {:<6} {:>10} {:>11} {:>9} {:>6.1f} {:>6} {:>6} {:>7} {:>6.1f} %",
                     corpus, side, pairs, count(report.tokens), count(report.types), lengths.mean,
                     lengths.median, lengths.percentile95, count(lengths.longest), 100 * unknown);
}

void add_rows(std::vector<std::string>& table, std::string_view corpus,
              const data::CorpusReport& report, const data::UnknownShare& unknown) {
  table.push_back(row(corpus, "source", count(report.pairs), report.source, unknown.source));
  table.push_back(row("", "target", "", report.target, unknown.target));
}

/// "1 pair has" or "12 pairs have".
std::string number_of(std::int64_t number, std::string_view one, std::string_view several) {
  return fmt::format("{} {}", count(number), number == 1 ? one : several);
}

/// Warnings about one corpus, in the order of `weft train`'s report.
class Warnings {
 public:
  Warnings(std::vector<std::string>& lines, std::string corpus)
      : lines_(lines), corpus_(std::move(corpus)) {}

  void say(const std::string& text) {
    lines_.push_back(fmt::format("warning: {}: {}", corpus_, text));
  }
  /// Adds a warning, using `one` for a single line and `several` for more; `end` follows the line
  /// numbers.
  void say(const data::Findings& findings, std::string_view one, std::string_view several,
           std::string_view end = "") {
    if (findings.count > 0) {
      say(fmt::format("{}{}{}", number_of(findings.count, one, several), lines_of(findings), end));
    }
  }

 private:
  std::vector<std::string>& lines_;
  std::string corpus_;
};

void warn_of_corpus(Warnings& warnings, const data::CorpusReport& report,
                    data::Normalization form) {
  warnings.say(report.empty, "pair skipped: empty side", "pairs skipped: empty side");
  warnings.say(report.repeated, "duplicate pair", "duplicate pairs");
  warnings.say(report.copied, "pair has the same text on both sides",
               "pairs have the same text on both sides");
  warnings.say(report.misaligned, "pair looks misaligned, judging by its lengths",
               "pairs look misaligned, judging by their lengths; worst first");
  warnings.say(report.control, "line contains control characters",
               "lines contain control characters");
  warnings.say(report.replacement, "line contains U+FFFD (replacement characters)",
               "lines contain U+FFFD (replacement characters)");
  if (form == data::Normalization::none) {
    warnings.say(report.unnormalized, "line is not in NFC", "lines are not in NFC",
                 "; hint: --normalize nfc");
  }
}

void warn_of_unknown(Warnings& warnings, std::string_view side, double share) {
  if (share > kManyUnknown) {
    warnings.say(fmt::format(
        "{:.0f} % of the {} tokens are unknown; hint: a larger --vocab-size, a smaller --min-freq "
        "or, for words, --tokenizer char",
        100 * share, side));
  }
}

}  // namespace

CorporaReport report_corpora(const Corpora& corpora, const std::vector<data::TokenPair>& train,
                             const std::vector<data::TokenPair>& valid) {
  CorporaReport report;
  report.train = data::report_corpus(corpora.train, train);
  if (!valid.empty()) {
    report.valid = data::report_corpus(corpora.valid, valid);
    report.overlap = data::find_overlap(corpora.train, corpora.valid);
  }
  return report;
}

std::string lines_of(const data::Findings& findings) {
  const bool all = findings.count == std::ssize(findings.lines);
  return fmt::format(": {} {}{}", findings.count == 1 ? "line" : "lines",
                     fmt::join(findings.lines, ", "), all ? "" : ", ...");
}

std::vector<std::string> size_table(const CorporaReport& report) {
  std::vector<std::string> table = {
      fmt::format("{:<13} {:>10} {:>11} {:>9} {:>6} {:>6} {:>6} {:>7} {:>8}", "", "pairs", "tokens",
                  "distinct", "mean", "median", "95 %", "longest", "unknown")};
  add_rows(table, "train", report.train, report.train_unknown);
  if (report.valid) {
    add_rows(table, "valid", *report.valid, report.valid_unknown);
  }
  return table;
}

std::vector<std::string> warnings(const CorporaReport& report, data::Normalization form) {
  std::vector<std::string> lines;
  Warnings train(lines, "train");
  warn_of_corpus(train, report.train, form);
  const std::string cut = fmt::format("a word of more than {} characters, learnt in pieces",
                                      count(data::kLongestLearnt));
  train.say(report.cut_words, "pair has " + cut, "pairs have " + cut);
  warn_of_unknown(train, "source", report.train_unknown.source);
  warn_of_unknown(train, "target", report.train_unknown.target);
  if (report.valid) {
    Warnings valid(lines, "valid");
    warn_of_corpus(valid, *report.valid, form);
    warn_of_unknown(valid, "source", report.valid_unknown.source);
    warn_of_unknown(valid, "target", report.valid_unknown.target);
    valid.say(report.valid_long, "pair too long, excluded from the loss",
              "pairs too long, excluded from the loss");
    valid.say(report.overlap.sources, "source also occurs in the training data",
              "sources also occur in the training data",
              fmt::format("; {} with the same target", count(report.overlap.pairs.count)));
  }
  return lines;
}

}  // namespace weft::tools
