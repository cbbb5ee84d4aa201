#include "data/tasks/toy_rules.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "data/tasks/toy_tasks.hpp"
#include "tests/catch.hpp"

namespace weft::data {
namespace {

using Words = std::vector<std::string>;

std::vector<int> numbers(const Words& words) {
  std::vector<int> all;
  std::ranges::transform(words, std::back_inserter(all),
                         [](const auto& w) { return std::stoi(w); });
  return all;
}

std::vector<const ToyPair*> all_of(const ToySplits& splits) {
  std::vector<const ToyPair*> all;
  for (const auto* split : {&splits.train, &splits.valid, &splits.test, &splits.test_composition,
                            &splits.test_length}) {
    for (const ToyPair& pair : *split) {
      all.push_back(&pair);
    }
  }
  return all;
}

TEST_CASE("toy rules: every task has its splits, and no source stands twice") {
  for (const ToyTask& task : toy_tasks()) {
    INFO(task.name);
    const ToySplits splits = make_toy_task(task.name);
    CHECK(splits.train.size() == (task.name == "en-fr" || task.name == "dates" ? 20'000 : 50'000));
    CHECK(splits.valid.size() == 1000);
    CHECK(splits.test.size() == 1000);
    const bool composed = task.name == "en-fr" || task.name == "dates";
    CHECK(splits.test_composition.size() == (composed ? 1000 : 0));
    CHECK(splits.test_length.size() == (task.name == "dates" ? 0 : 1000));
    std::set<Words> sources;
    for (const ToyPair* pair : all_of(splits)) {
      sources.insert(pair->source);
    }
    CHECK(sources.size() == all_of(splits).size());
  }
}

TEST_CASE("toy rules: copies, reversals and sorted lists") {
  for (const std::string task : {"copy", "reverse", "sort"}) {
    INFO(task);
    const ToySplits splits = make_toy_task(task);
    std::set<int> symbols;
    for (const ToyPair* pair : all_of(splits)) {
      std::vector<int> expected = numbers(pair->source);
      symbols.insert(expected.begin(), expected.end());
      if (task == "reverse") std::ranges::reverse(expected);
      if (task == "sort") std::ranges::sort(expected);
      REQUIRE(numbers(pair->target) == expected);
    }
    CHECK(symbols.size() == 50);
    CHECK(*symbols.begin() == 0);
    CHECK(*symbols.rbegin() == 49);
    const std::size_t longest = task == "sort" ? 8 : 12;
    for (const ToyPair& pair : splits.train) REQUIRE(pair.source.size() <= longest);
    for (const ToyPair& pair : splits.test_length) REQUIRE(pair.source.size() > longest);
  }
}

TEST_CASE("toy rules: sums have their digits reversed") {
  const ToySplits splits = make_toy_task("addition");
  for (const ToyPair* pair : all_of(splits)) {
    const std::string& source = pair->source.at(0);
    const std::size_t plus = source.find('+');
    std::string sum = pair->target.at(0);
    std::ranges::reverse(sum);
    REQUIRE(std::stoi(source.substr(0, plus)) + std::stoi(source.substr(plus + 1)) ==
            std::stoi(sum));
  }
  for (const ToyPair& pair : splits.test) {
    REQUIRE(std::stoi(pair.source[0]) < 1000);
  }
  for (const ToyPair& pair : splits.test_length) {
    REQUIRE(pair.source[0].size() == 9);
  }
}

TEST_CASE("toy rules: dates name a day that there is") {
  const ToySplits splits = make_toy_task("dates");
  constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::set<std::string> shapes;
  for (const ToyPair* pair : all_of(splits)) {
    int year = 0, month = 0, day = 0;
    REQUIRE(std::sscanf(pair->target.at(0).c_str(), "%4d-%2d-%2d", &year, &month, &day) == 3);
    REQUIRE((year >= 1900 && year <= 2099 && month >= 1 && month <= 12 && day >= 1));
    REQUIRE(day <= kDays.at(static_cast<std::size_t>(month - 1)));
    REQUIRE((month != 2 || day < 29 || (year % 4 == 0 && year != 1900)));
    const std::string& source = pair->source.at(0);
    REQUIRE(source.find(std::to_string(year)) != std::string::npos);
    REQUIRE(source.find(std::to_string(day)) != std::string::npos);
    std::string shape;
    for (const char c : source) {
      const bool letter = c >= 'a' && c <= 'z';
      if (!letter && (c < '0' || c > '9')) shape += c;
    }
    shapes.insert(shape);
  }
  CHECK(shapes == std::set<std::string>{"    ", " , ", "  ", ". , ", "..", "//"});
  for (const ToyPair& pair : splits.train) REQUIRE_FALSE(pair.target[0].ends_with("-07-14"));
  CHECK(std::ranges::count_if(splits.test_composition, [](const ToyPair& pair) {
          return pair.target[0].ends_with("-07-14");
        }) > 50);
}

TEST_CASE("toy rules: ordinals end as they are spoken") {
  SplitMix64 random(0);
  std::set<std::string> endings;
  for (int i = 0; i < 20'000; ++i) {
    const std::string source = toy_rules::dates(random).source.at(0);
    if (source.starts_with("the ")) endings.insert(source.substr(4, source.find(' ', 4) - 4));
  }
  CHECK(endings.size() == 31);
  for (const std::string day : {"1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd",
                                "23rd", "30th", "31st"}) {
    CHECK(endings.contains(day));
  }
}

}  // namespace
}  // namespace weft::data
