#include "data/tasks/toy_tasks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "autograd/error.hpp"
#include "tests/catch.hpp"

using namespace weft;
using namespace weft::data;

namespace {

const ToySplits& splits() {
  static const ToySplits made = make_toy_task("en-fr");
  return made;
}

using Counts = std::map<std::string, int>;

Counts count(const std::vector<ToyPair>& pairs, std::vector<std::string> ToyPair::*side) {
  Counts counts;
  for (const ToyPair& pair : pairs) {
    for (const std::string& word : pair.*side) ++counts[word];
  }
  return counts;
}

std::string source_of(const ToyPair& pair) {
  return fmt::format("{}", fmt::join(pair.source, " "));
}

bool has(const ToyPair& pair, const std::set<std::string>& words) {
  return std::any_of(pair.source.begin(), pair.source.end(),
                     [&](const std::string& word) { return words.count(word) > 0; });
}

}  // namespace

TEST_CASE("the splits have their sizes and share no source sentence") {
  const ToySplits& s = splits();
  CHECK(s.train.size() == 20000);
  std::set<std::string> sources;
  std::size_t total = 0;
  for (const auto* split : {&s.train, &s.valid, &s.test, &s.test_composition, &s.test_length}) {
    if (split != &s.train) CHECK(split->size() == 1000);
    for (const ToyPair& pair : *split) sources.insert(source_of(pair));
    total += split->size();
  }
  CHECK(sources.size() == total);
}

TEST_CASE("test-length is longer than training") {
  const auto length = [](const ToyPair& pair) { return pair.source.size(); };
  double words = 0;
  for (const ToyPair& pair : splits().train) {
    CHECK(length(pair) <= 12);
    words += static_cast<double>(length(pair));
  }
  CHECK(words / 20000 > 7);
  CHECK(words / 20000 < 8.5);
  for (const ToyPair& pair : splits().test_length) {
    CHECK(length(pair) >= 13);
    CHECK(length(pair) <= 20);
  }
}

TEST_CASE("held-out combinations stand in test-composition alone") {
  for (const auto* split :
       {&splits().train, &splits().valid, &splits().test, &splits().test_length}) {
    for (const ToyPair& pair : *split) CHECK(pair.held_out.empty());
  }
  std::set<std::string> shown;
  for (const ToyPair& pair : splits().test_composition) {
    REQUIRE(!pair.held_out.empty());
    shown.insert(pair.held_out.begin(), pair.held_out.end());
  }
  const Grammar grammar = Grammar::parse(kEnFrGrammar, "en-fr.grammar");
  CHECK(shown.size() == grammar.held_out().size());
}

// The bookkeeping of combinations, checked on the words themselves.
TEST_CASE("no training sentence says \"red dress\" or eats an egg") {
  const std::set<std::string> verbs{"eat", "eats", "ate"}, eggs{"egg", "eggs"};
  for (const ToyPair& pair : splits().train) {
    const std::string text = source_of(pair);
    CHECK(text.find("red dress") == std::string::npos);
    if (pair.source.size() <= 7 && has(pair, verbs) &&
        !has(pair, {"that", "and", "but", "so", "then", "because", "while"})) {
      CAPTURE(text);
      CHECK(!has(pair, eggs));
    }
  }
}

TEST_CASE("every word of every test stands in training at least 50 times") {
  const ToySplits& s = splits();
  for (const auto side : {&ToyPair::source, &ToyPair::target}) {
    const Counts train = count(s.train, side);
    for (const auto* split : {&s.train, &s.valid, &s.test, &s.test_composition, &s.test_length}) {
      for (const auto& [word, times] : count(*split, side)) {
        CAPTURE(word);
        const auto found = train.find(word);
        REQUIRE(found != train.end());
        CHECK(found->second >= 50);
      }
    }
  }
}

// French needs more forms than English: adjectives and verbs agree.
TEST_CASE("training has about 300 word forms a side") {
  const auto word_forms = [](Counts counts) {
    for (const auto* mark : {".", "?"}) counts.erase(mark);
    return counts.size();
  };
  const std::size_t english = word_forms(count(splits().train, &ToyPair::source));
  CHECK(english >= 270);
  CHECK(english <= 330);
  const std::size_t french = word_forms(count(splits().train, &ToyPair::target));
  CHECK(french > english);
  CHECK(french < 400);
}

TEST_CASE("alignments point into both sentences and reach almost every target word") {
  std::size_t words = 0, linked = 0;
  for (const ToyPair& pair : splits().test) {
    std::set<int> reached;
    for (const auto& [i, j] : pair.alignment) {
      REQUIRE(i >= 0);
      REQUIRE(i < static_cast<int>(pair.source.size()));
      REQUIRE(j >= 0);
      REQUIRE(j < static_cast<int>(pair.target.size()));
      reached.insert(j);
    }
    CHECK(std::is_sorted(pair.alignment.begin(), pair.alignment.end()));
    words += pair.target.size();
    linked += reached.size();
  }
  CHECK(static_cast<double>(linked) > 0.97 * static_cast<double>(words));
}

TEST_CASE("the files hold the splits, the same ones every time") {
  const std::vector<ToyFile> files = toy_task_files("en-fr");
  std::vector<std::string> names;
  std::ranges::transform(files, std::back_inserter(names), &ToyFile::name);
  REQUIRE(names == std::vector<std::string>{"train.tsv", "valid.tsv", "test.tsv",
                                            "test-composition.tsv", "test-length.tsv"});
  std::istringstream file(files[2].text);
  std::size_t row = 0;
  for (std::string line; std::getline(file, line); ++row) {
    REQUIRE(row < splits().test.size());
    const ToyPair& pair = splits().test[row];
    REQUIRE(line == source_of(pair) + "\t" + fmt::format("{}", fmt::join(pair.target, " ")));
  }
  CHECK(row == 1000);
}

TEST_CASE("an unknown task is a clear error") {
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(make_toy_task("en-rf"), Contains("en-rf") && Contains("did you mean en-fr?"));
  CHECK_THROWS_WITH(make_toy_task("chinese"), Contains("expected one of en-fr"));
  CHECK(toy_tasks().size() == 6);
}
