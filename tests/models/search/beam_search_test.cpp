#include "models/search/beam_search.hpp"

#include <algorithm>

#include "models/search/batch_search.hpp"
#include "tests/catch.hpp"
#include "tests/models/search/lively_model.hpp"
#include "tests/models/search/reference_search.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {
namespace {

// Uses beam search even if the beam has a single place.
std::vector<std::vector<Hypothesis>> beam_search(const Seq2Seq& model,
                                                 const data::SourceBatch& batch,
                                                 const DecodeOptions& options,
                                                 const SentenceOptions& sentences) {
  BatchSearch search(model, options, Method::beam);
  search.add(batch, sentences);
  std::vector<std::vector<Hypothesis>> results(static_cast<std::size_t>(search.sentences()));
  while (search.rows() > 0) {
    search.step();
  }
  for (auto& [number, translations] : search.take()) {
    results[static_cast<std::size_t>(number)] = std::move(translations);
  }
  return results;
}

const std::vector<Ids> kSources = {{4, 5, 6, 7, 8}, {8, 4}, {6}, {7, 7, 7}};

// Options that together cover every kind, and a prefix for each source.
struct Case {
  std::string name;
  DecodeOptions options;
  SentenceOptions sentences;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const double penalty : {0.0, 0.7, 1.0, 2.0, -1.0}) {
    all.push_back({fmt::format("length penalty {}", penalty), {.length_penalty = penalty}, {}});
  }
  all.push_back({"gnmt", {.length_norm = LengthNorm::gnmt}, {}});
  all.push_back({"gnmt 0.6", {.length_penalty = 0.6, .length_norm = LengthNorm::gnmt}, {}});
  all.push_back({"coverage", {.coverage_penalty = 0.4}, {}});
  all.push_back({"blocked words", {.no_repeat_ngram = 1}, {}});
  all.push_back({"blocked pairs", {.no_repeat_ngram = 2}, {}});
  all.push_back({"repetition", {.repetition_penalty = 1.7}, {}});
  all.push_back({"repetition wanted", {.repetition_penalty = 0.6}, {}});
  all.push_back({"least length", {.min_length = 2}, {}});
  all.push_back({"n-best", {.nbest = 5}, {}});
  all.push_back({"prefix", {}, {.prefixes = {{5}, {}, {9, 9}, {4, 6}}, .keys = {}}});
  all.push_back({"all at once",
                 {.length_penalty = 0.8,
                  .length_norm = LengthNorm::gnmt,
                  .coverage_penalty = 0.2,
                  .nbest = 3,
                  .no_repeat_ngram = 2,
                  .repetition_penalty = 1.3,
                  .min_length = 1},
                 {.prefixes = {{5}, {}, {9}, {4}}, .keys = {}}});
  return all;
}

ReferenceSearch reference(const Seq2Seq& model, std::size_t i, const Case& test) {
  const auto& prefixes = test.sentences.prefixes;
  return {model, kSources[i], test.options, prefixes.empty() ? Ids() : prefixes[i]};
}

void check_equal(const std::vector<Hypothesis>& found, const std::vector<Hypothesis>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t k = 0; k < found.size(); ++k) {
    CHECK(found[k].score == Approx(expected[k].score).epsilon(1e-4).margin(1e-5));
  }
  CHECK(found[0].tokens == expected[0].tokens);
}

TEST_CASE("a beam as wide as the space finds what exhaustive search finds, with every option") {
  for (const std::string_view preset : preset_names()) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const auto model = lively_model(std::string(preset), seed);
      for (Case test : cases()) {
        test.options.beam = 1000;
        test.options.max_length = 3;
        const auto found = beam_search(*model, batch_of(kSources), test.options, test.sentences);
        for (std::size_t i = 0; i < kSources.size(); ++i) {
          CAPTURE(preset, seed, test.name, i);
          check_equal(found[i], reference(*model, i, test).exhaustive());
        }
      }
    }
  }
}

TEST_CASE("a narrow beam is what its definition says, place by place, with every option") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto model = lively_model("bahdanau2015", seed);
    for (Case test : cases()) {
      for (const std::int64_t beam : {1, 2, 3, 5}) {
        test.options.beam = beam;
        test.options.nbest = std::min(beam, test.options.nbest);
        test.options.max_length = 8;
        const auto found = beam_search(*model, batch_of(kSources), test.options, test.sentences);
        for (std::size_t i = 0; i < kSources.size(); ++i) {
          CAPTURE(seed, beam, test.name, i);
          check_equal(found[i], reference(*model, i, test).beam());
        }
      }
    }
  }
}

TEST_CASE("no beam scores below greedy search, and its score is its translation's") {
  for (const std::string_view preset : preset_names()) {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      const auto model = lively_model(std::string(preset), seed);
      for (Case test : cases()) {
        test.options.max_length = 12;
        test.options.nbest = 1;
        const auto simple = decode(*model, batch_of(kSources), test.options, test.sentences);
        for (const std::int64_t beam : {2, 5}) {
          test.options.beam = beam;
          const auto found = beam_search(*model, batch_of(kSources), test.options, test.sentences);
          for (std::size_t i = 0; i < kSources.size(); ++i) {
            CAPTURE(preset, seed, beam, test.name, i);
            ReferenceSearch own = reference(*model, i, test);
            CHECK(found[i][0].score >= own.score_of(simple[i][0].tokens) - 1e-4);
            CHECK(found[i][0].score ==
                  Approx(own.score_of(found[i][0].tokens)).epsilon(1e-4).margin(2e-4));
          }
          test.options.beam = 1;
        }
      }
    }
  }
}

TEST_CASE("a sentence's translations do not depend on its batch, whatever the options") {
  for (const std::string_view preset : preset_names()) {
    const auto model = lively_model(std::string(preset), 4);
    for (Case test : cases()) {
      for (const std::int64_t beam : {1, 2, 5}) {
        test.options.beam = beam;
        test.options.nbest = std::min(beam, test.options.nbest);
        test.options.max_length = 9;
        test.options.attention = true;
        const auto together = beam_search(*model, batch_of(kSources), test.options, test.sentences);
        for (std::size_t i = 0; i < kSources.size(); ++i) {
          SentenceOptions own;
          if (!test.sentences.prefixes.empty()) {
            own.prefixes = {test.sentences.prefixes[i]};
          }
          const auto alone = beam_search(*model, batch_of({kSources[i]}), test.options, own)[0];
          REQUIRE(alone.size() == together[i].size());
          for (std::size_t k = 0; k < alone.size(); ++k) {
            CHECK(alone[k].tokens == together[i][k].tokens);
            CHECK(alone[k].score == together[i][k].score);  // to the last bit
            CHECK(alone[k].attention == together[i][k].attention);
          }
        }
      }
    }
  }
}

TEST_CASE("a beam of one is greedy search, with every option") {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto model = lively_model("bahdanau2015", seed);
    for (Case test : cases()) {
      test.options.nbest = 1;
      test.options.max_length = 9;
      test.options.scores = true;
      test.options.coverage_penalty = 0;
      const auto found = beam_search(*model, batch_of(kSources), test.options, test.sentences);
      const auto expected = decode(*model, batch_of(kSources), test.options, test.sentences);
      for (std::size_t i = 0; i < kSources.size(); ++i) {
        CAPTURE(seed, test.name, i);
        CHECK(found[i][0].tokens == expected[i][0].tokens);
        CHECK(found[i][0].score == Approx(expected[i][0].score).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("hypotheses tell the attention of each of their tokens on each true source token") {
  const auto model = lively_model("bahdanau2015", 1);
  for (const std::int64_t beam : {1, 3}) {
    const DecodeOptions options{.beam = beam, .max_length = 6, .attention = true};
    const auto found = decode(*model, batch_of(kSources), options);
    for (std::size_t i = 0; i < kSources.size(); ++i) {
      const Hypothesis& best = found[i][0];
      REQUIRE(best.attention.size() == best.tokens.size());
      const NoGradGuard guard;
      const std::unique_ptr<Session> session = model->open(batch_of({kSources[i]}));
      std::int64_t previous = data::kBos;
      for (std::size_t t = 0; t < best.tokens.size(); ++t) {
        CHECK(best.attention[t] ==
              session->step(tensor({previous}, {1})).attention.to_vector<float>());
        previous = best.tokens[t];
      }
    }
    CHECK(decode(*lively_model("cho2014", 1), batch_of(kSources), options)[0][0].attention.empty());
  }
}

TEST_CASE("beam search makes no node, not even for a moment") {
  const auto model = lively_model("bahdanau2015", 1);
  const std::int64_t before = made_nodes();
  decode(*model, batch_of(kSources), {.beam = 3, .coverage_penalty = 1, .no_repeat_ngram = 2});
  CHECK(made_nodes() == before);
}

TEST_CASE("options of a search that are out of range are named") {
  const auto refused = [](const DecodeOptions& options, const std::string& message) {
    CHECK_THROWS_WITH(validate(options), Catch::Matchers::StartsWith("search: " + message));
  };
  refused({.beam = 0}, "beam out of range; got 0; expected an integer in [1, ");
  refused({.length_penalty = std::nan("")}, "length_penalty out of range; got nan");
  refused({.coverage_penalty = -1}, "coverage_penalty out of range; got -1");
  refused({.beam = 2, .nbest = 3}, "nbest exceeds the beam; got 3");
  refused({.repetition_penalty = 0}, "repetition_penalty out of range");
  refused({.min_length = 5, .max_length = 4}, "min_length exceeds max_length; got 5");
  refused({.beam = 2, .temperature = 1}, "sampling does not use a beam; got beam 2");
  refused({.top_p = 0}, "top_p out of range");
  CHECK_NOTHROW(validate(DecodeOptions{}));
}

}  // namespace
}  // namespace weft::models
