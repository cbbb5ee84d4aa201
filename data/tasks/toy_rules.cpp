#include "data/tasks/toy_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weft::data::toy_rules {
namespace {

constexpr int kSymbols = 50;

/// Uniform in [low, high].
int between(SplitMix64& random, int low, int high) {
  return low + static_cast<int>(random.uniform() * (high - low + 1));
}

std::vector<int> symbols(SplitMix64& random, int most) {
  std::vector<int> all(static_cast<std::size_t>(between(random, 1, most)));
  std::ranges::generate(all, [&] { return between(random, 0, kSymbols - 1); });
  return all;
}

std::vector<std::string> words(const std::vector<int>& numbers) {
  std::vector<std::string> all;
  for (const int number : numbers) all.push_back(std::to_string(number));
  return all;
}

ToyPair pair_of(std::vector<std::string> source, std::vector<std::string> target) {
  return {
      .source = std::move(source), .target = std::move(target), .alignment = {}, .held_out = {}};
}

struct Month {
  std::string_view name;
  int days;  // 29 for February
};

constexpr std::array<Month, 12> kMonths = {{{"january", 31},
                                            {"february", 29},
                                            {"march", 31},
                                            {"april", 30},
                                            {"may", 31},
                                            {"june", 30},
                                            {"july", 31},
                                            {"august", 31},
                                            {"september", 30},
                                            {"october", 31},
                                            {"november", 30},
                                            {"december", 31}}};

/// The days of the year that are held out of training.
constexpr std::array<std::pair<int, int>, 8> kHeldOut = {
    {{1, 1}, {29, 2}, {4, 7}, {14, 7}, {3, 10}, {31, 10}, {11, 11}, {25, 12}}};

const Month& month_at(int month) { return kMonths.at(static_cast<std::size_t>(month - 1)); }

bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int days_of(int month, int year) {
  return month == 2 && !is_leap(year) ? 28 : month_at(month).days;
}

std::string_view ordinal_ending(int day) {
  if (day / 10 == 1) return "th";
  switch (day % 10) {
    case 1:
      return "st";
    case 2:
      return "nd";
    case 3:
      return "rd";
    default:
      return "th";
  }
}

/// A date as people write it, in one of six styles.
std::string written(int style, int day, int month, int year) {
  const std::string_view name = month_at(month).name;
  const std::string_view ending = ordinal_ending(day);
  switch (style) {
    case 0:
      return fmt::format("the {}{} of {} {}", day, ending, name, year);
    case 1:
      return fmt::format("{} {}{}, {}", name, day, ending, year);
    case 2:
      return fmt::format("{} {} {}", day, name, year);
    case 3:
      return fmt::format("{}. {}, {}", name.substr(0, 3), day, year);
    case 4:
      return fmt::format("{}.{}.{}", day, month, year);
    default:
      return fmt::format("{}/{}/{}", year, month, day);
  }
}

}  // namespace

ToyPair copy(SplitMix64& random) {
  const std::vector<std::string> all = words(symbols(random, 20));
  return pair_of(all, all);
}

ToyPair reverse(SplitMix64& random) {
  ToyPair pair = copy(random);
  std::ranges::reverse(pair.target);
  return pair;
}

ToyPair sort(SplitMix64& random) {
  std::vector<int> all = symbols(random, 12);
  const std::vector<std::string> source = words(all);
  std::ranges::sort(all);
  return pair_of(source, words(all));
}

ToyPair addition(SplitMix64& random) {
  const bool longer = between(random, 1, 8) == 1;
  const int low = longer ? 1000 : 0;
  const int high = longer ? 9999 : 999;
  const int a = between(random, low, high);
  const int b = between(random, low, high);
  std::string sum = std::to_string(a + b);
  std::ranges::reverse(sum);
  return pair_of({fmt::format("{}+{}", a, b)}, {sum});
}

ToyPair dates(SplitMix64& random) {
  const int year = between(random, 1900, 2099);
  const int month = between(random, 1, 12);
  const int day = between(random, 1, days_of(month, year));
  ToyPair pair = pair_of({written(between(random, 0, 5), day, month, year)},
                         {fmt::format("{}-{:02}-{:02}", year, month, day)});
  if (std::ranges::find(kHeldOut, std::pair(day, month)) != kHeldOut.end()) {
    pair.held_out = {fmt::format("{} {}", day, month_at(month).name)};
  }
  return pair;
}

}  // namespace weft::data::toy_rules
