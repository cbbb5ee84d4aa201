#include "data/corpus_report.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "data/text/line.hpp"
#include "data/text/subwords.hpp"
#include "data/text/utf8.hpp"

namespace weft::data {
namespace {

constexpr double kNormalMad = 1.4826;       // a normal distribution's deviation in median distances
constexpr double kSmallestDeviation = 0.5;  // where all pairs have about the same ratio
constexpr std::string_view kReplacement = "\uFFFD";

void add_if(bool found, Findings& findings, std::size_t row) {
  findings.count += found ? 1 : 0;
  if (found && findings.lines.size() < Findings::kNamed) {
    findings.lines.push_back(static_cast<std::int64_t>(row) + 1);
  }
}

/// Whether both sides have more than white space.
bool has_text(const TextPair& pair) {
  constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";
  return pair.source.find_first_not_of(kWhiteSpace) != std::string::npos &&
         pair.target.find_first_not_of(kWhiteSpace) != std::string::npos;
}

using Side = std::vector<std::string> TokenPair::*;

/// The nearest-rank percentile of sorted numbers.
std::int64_t percentile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  return sorted.empty() ? 0 : sorted[(sorted.size() * percent + 99) / 100 - 1];
}

SideReport report_side(std::span<const TokenPair> pairs, Side side) {
  SideReport report;
  std::vector<std::int64_t> lengths;
  lengths.reserve(pairs.size());
  std::unordered_set<std::string_view> types;
  for (const TokenPair& pair : pairs) {
    const std::vector<std::string>& tokens = pair.*side;
    types.insert(tokens.begin(), tokens.end());
    lengths.push_back(std::ssize(tokens));
  }
  std::sort(lengths.begin(), lengths.end());
  report.tokens = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
  report.types = std::ssize(types);
  report.lengths = {
      static_cast<double>(report.tokens) / std::max(1.0, static_cast<double>(pairs.size())),
      percentile(lengths, 50), percentile(lengths, 95), percentile(lengths, 100)};
  return report;
}

/// A pair's text, not its owner.
struct PairView {
  std::string_view source;
  std::string_view target;

  bool operator==(const PairView&) const = default;
};

struct PairHash {
  std::size_t operator()(const PairView& pair) const {
    const std::hash<std::string_view> hash;
    return hash(pair.source) * 0x9E3779B97F4A7C15U + hash(pair.target);  // 2^64 / golden ratio
  }
};

Findings find_repeated(std::span<const TextPair> text) {
  Findings repeated;
  std::unordered_set<PairView, PairHash> seen(text.size());
  for (std::size_t row = 0; row < text.size(); ++row) {
    const TextPair& pair = text[row];
    add_if(has_text(pair) && !seen.insert({pair.source, pair.target}).second, repeated, row);
  }
  return repeated;
}

bool has_replacement(std::string_view text) {
  return text.find(kReplacement) != std::string_view::npos;
}

/// Below U+0300, whose first byte is CC, every text is in NFC: most need no more than a look.
bool is_unnormalized(std::string_view text) {
  const auto may_change = [](char c) { return static_cast<unsigned char>(c) >= 0xCC; };
  return std::ranges::any_of(text, may_change) && normalize(text, Normalization::nfc) != text;
}

bool either(const TextPair& pair, bool (*test)(std::string_view)) {
  return test(pair.source) || test(pair.target);
}

Findings find_misaligned(std::span<const TextPair> text) {
  const std::vector<double> deviations = length_deviations(text);
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < text.size(); ++row) {
    if (std::abs(deviations[row]) > kMisaligned) {
      rows.push_back(row);
    }
  }
  std::ranges::stable_sort(rows, std::greater{},
                           [&](std::size_t row) { return std::abs(deviations[row]); });
  Findings misaligned;
  for (const std::size_t row : rows) {
    add_if(true, misaligned, row);
  }
  return misaligned;
}

/// Counts the bytes that begin a character.
double count_code_points(std::string_view text) {
  return static_cast<double>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

double median(std::vector<double> numbers) {
  const auto middle = numbers.begin() + std::ssize(numbers) / 2;
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

}  // namespace

std::vector<double> length_deviations(std::span<const TextPair> text) {
  std::vector<double> sources;
  std::vector<double> targets;
  sources.reserve(text.size());
  targets.reserve(text.size());
  double all_sources = 0;
  double all_targets = 0;
  for (const TextPair& pair : text) {
    sources.push_back(has_text(pair) ? count_code_points(pair.source) : 0);
    targets.push_back(has_text(pair) ? count_code_points(pair.target) : 0);
    all_sources += sources.back();
    all_targets += targets.back();
  }
  std::vector<double> deviations(text.size(), 0.0);
  std::vector<double> distances;
  distances.reserve(text.size());
  const double c = all_targets / all_sources;
  for (std::size_t row = 0; row < text.size(); ++row) {
    const double expected = c * sources[row];
    if (expected > 0) {
      deviations[row] = (targets[row] - expected) / std::sqrt((targets[row] + expected) / 2);
      distances.push_back(std::abs(deviations[row]));
    }
  }
  if (!distances.empty()) {
    const double s = std::max(kNormalMad * median(std::move(distances)), kSmallestDeviation);
    std::ranges::for_each(deviations, [s](double& deviation) { deviation /= s; });
  }
  return deviations;
}

CorpusReport report_corpus(std::span<const TextPair> text, std::span<const TokenPair> tokens) {
  CorpusReport report;
  report.pairs = std::ssize(text);
  report.source = report_side(tokens, &TokenPair::source);
  report.target = report_side(tokens, &TokenPair::target);
  report.repeated = find_repeated(text);
  report.misaligned = find_misaligned(text);
  for (std::size_t row = 0; row < text.size(); ++row) {
    const TextPair& pair = text[row];
    const bool empty = tokens[row].source.empty() || tokens[row].target.empty();
    add_if(empty, report.empty, row);
    add_if(!empty && pair.source == pair.target, report.copied, row);
    add_if(either(pair, has_control), report.control, row);
    add_if(either(pair, has_replacement), report.replacement, row);
    add_if(either(pair, is_unnormalized), report.unnormalized, row);
  }
  return report;
}

Findings find_long(std::span<const TokenPair> tokens, std::int64_t max_length) {
  Findings found;
  for (std::size_t row = 0; row < tokens.size(); ++row) {
    const auto longest = std::max(std::ssize(tokens[row].source), std::ssize(tokens[row].target));
    add_if(max_length > 0 && longest > max_length, found, row);
  }
  return found;
}

Findings find_cut_words(std::span<const TextPair> text) {
  Findings found;
  for (std::size_t row = 0; row < text.size(); ++row) {
    add_if(either(text[row], has_cut_word), found, row);
  }
  return found;
}

Overlap find_overlap(std::span<const TextPair> train, std::span<const TextPair> other) {
  std::unordered_set<std::string_view> sources;
  for (const TextPair& pair : other) {
    sources.insert(pair.source);
  }
  std::unordered_set<std::string_view> seen_sources;
  std::unordered_set<PairView, PairHash> seen_pairs;
  for (const TextPair& pair : train) {
    if (has_text(pair) && sources.contains(pair.source)) {
      seen_sources.insert(pair.source);
      seen_pairs.insert({pair.source, pair.target});
    }
  }
  Overlap overlap;
  for (std::size_t row = 0; row < other.size(); ++row) {
    add_if(seen_sources.contains(other[row].source), overlap.sources, row);
    add_if(seen_pairs.contains({other[row].source, other[row].target}), overlap.pairs, row);
  }
  return overlap;
}

UnknownShare unknown_share(std::span<const SentencePair> corpus) {
  double source_unknown = 0;
  double target_unknown = 0;
  double source_tokens = 0;
  double target_tokens = 0;
  const auto count = [](const std::vector<std::int64_t>& ids, double& unknown, double& tokens) {
    unknown += static_cast<double>(std::ranges::count(ids, kUnk));
    tokens += static_cast<double>(ids.size());
  };
  for (const SentencePair& pair : corpus) {
    count(pair.source, source_unknown, source_tokens);
    count(pair.target, target_unknown, target_tokens);
  }
  return {source_unknown / std::max(source_tokens, 1.0),
          target_unknown / std::max(target_tokens, 1.0)};
}

}  // namespace weft::data
