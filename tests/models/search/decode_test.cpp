#include "models/search/decode.hpp"

#include <algorithm>
#include <map>

#include "autograd/tape.hpp"
#include "data/text/vocabulary.hpp"
#include "models/search/batch_search.hpp"
#include "tests/catch.hpp"
#include "tests/models/search/lively_model.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {
namespace {

using Ids = std::vector<std::int64_t>;

// The inputs of a ScriptedModel's sessions.
struct Fed {
  Ids batches;  // rows of each step
  std::vector<Ids> tokens;
};

// "Translates" every sentence into the script's entry for its first token: <pad> and <bos> are
// always the most probable, followed by the script's token.
class ScriptedSession : public Session {
 public:
  ScriptedSession(const std::map<std::int64_t, Ids>& script, const Ids& first, Fed& fed)
      : script_(script), fed_(fed) {
    for (const std::int64_t token : first) {
      rows_.push_back({token, 0});
    }
  }

  Prediction step(const Tensor& tokens) override {
    fed_.batches.push_back(tokens.size(0));
    fed_.tokens.push_back(tokens.to_vector<std::int64_t>());
    Tensor logits = zeros({std::ssize(rows_), 11});
    for (std::size_t b = 0; b < rows_.size(); ++b) {
      const std::int64_t token = script_.at(rows_[b].first).at(rows_[b].steps++);
      const std::span<float> row = logits.mutable_data<float>().subspan(b * 11, 11);
      row[data::kPad] = row[data::kBos] = 9;
      row[static_cast<std::size_t>(token)] = 1;
    }
    return {logits, {}};
  }
  void select(const Tensor& rows) override {
    std::vector<Row> kept;
    for (const std::int64_t row : rows.to_vector<std::int64_t>()) {
      kept.push_back(rows_.at(static_cast<std::size_t>(row)));
    }
    rows_ = kept;
  }
  void join(std::unique_ptr<Session> other) override {
    std::ranges::copy(dynamic_cast<ScriptedSession&>(*other).rows_, std::back_inserter(rows_));
  }

 private:
  struct Row {
    std::int64_t first;  // token of the source
    std::size_t steps;   // done
  };
  const std::map<std::int64_t, Ids>& script_;
  std::vector<Row> rows_;
  Fed& fed_;
};

class ScriptedModel : public Seq2Seq {
 public:
  explicit ScriptedModel(std::map<std::int64_t, Ids> script)
      : Seq2Seq(tiny_config("tutorial")), script_(std::move(script)) {}

  std::unique_ptr<Session> open(const data::SourceBatch& batch) const override {
    const Ids first = unbind(batch.source)[0].to_vector<std::int64_t>();
    return std::make_unique<ScriptedSession>(script_, first, fed_);
  }

  const Ids& batches() const { return fed_.batches; }
  const std::vector<Ids>& fed() const { return fed_.tokens; }

 private:
  std::map<std::int64_t, Ids> script_;
  mutable Fed fed_;
};

data::SourceBatch batch_of(const std::vector<Ids>& sources) {
  Ids rows;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    rows.push_back(std::ssize(rows));
  }
  return data::make_source_batch(sources, rows);
}

// Greedy search on one sentence, step by step, as defined.
Ids naive(const Seq2Seq& model, const Ids& source, std::int64_t limit) {
  const NoGradGuard guard;
  const std::unique_ptr<Session> session = model.open(batch_of({source}));
  Ids result;
  std::int64_t token = data::kBos;
  while (std::ssize(result) < limit) {
    const std::vector<float> logits = session->step(tensor({token}, {1})).log_p.to_vector<float>();
    token = std::max_element(logits.begin() + data::kEos, logits.end()) - logits.begin();
    if (token == data::kEos) {
      break;
    }
    result.push_back(token);
  }
  return result;
}

TEST_CASE("greedy search equals a loop over one sentence at a time") {
  const std::vector<Ids> sources = {{4, 5, 6, 7, 8}, {8, 4}, {6}, {7, 7, 7}};
  int ended = 0;
  int cut = 0;
  for (const std::string_view preset_name : preset_names()) {
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const auto model = lively_model(std::string(preset_name), seed);
      const std::vector<Ids> found = greedy(*model, batch_of(sources), {.max_length = 9});
      REQUIRE(found.size() == sources.size());
      for (std::size_t i = 0; i < sources.size(); ++i) {
        const Ids expected = naive(*model, sources[i], 9);
        CHECK(found[i] == expected);
        (expected.size() < 9 ? ended : cut) += 1;
      }
    }
  }
  CHECK(ended > 5);
  CHECK(cut > 5);
}

TEST_CASE("sentences that have ended leave the batch, and results keep their place") {
  const ScriptedModel model({{4, {5, data::kEos}},
                             {5, {6, 7, 8, data::kEos}},
                             {6, {data::kEos}},
                             {7, {9, 9, 9, data::kEos}}});
  const std::vector<Ids> found = greedy(model, batch_of({{4}, {5}, {6}, {7}}));
  CHECK(found == std::vector<Ids>{{5}, {6, 7, 8}, {}, {9, 9, 9}});
  CHECK(model.batches() == Ids{4, 3, 2, 2});
  CHECK(model.fed() == std::vector<Ids>{{1, 1, 1, 1}, {5, 6, 9}, {7, 9}, {8, 9}});
}

TEST_CASE("sentences enter while others are under way, each at its own length") {
  const ScriptedModel model(
      {{4, {5, 6, data::kEos}}, {5, {7, data::kEos}}, {6, {8, 8, 8, data::kEos}}, {7, Ids(20, 9)}});
  const DecodeOptions options{.max_length = 4};
  BatchSearch search(model, options);
  search.add(batch_of({{4}, {7}}));
  search.step();
  search.add(batch_of({{5}, {6, 6, 6}}));
  CHECK(search.sentences() == 4);
  std::map<std::int64_t, Ids> found;
  while (search.rows() > 0) {
    search.step();
    for (auto& [number, translations] : search.take()) {
      found[number] = translations.front().tokens;
    }
  }
  CHECK(found ==
        std::map<std::int64_t, Ids>{{0, {5, 6}}, {1, Ids(4, 9)}, {2, {7}}, {3, {8, 8, 8}}});
  CHECK(model.fed() == std::vector<Ids>{{1, 1}, {5, 9, 1, 1}, {6, 9, 7, 8}, {9, 8}, {8}});
}

TEST_CASE("there are as many prefixes and keys as sentences, and a search that is done stays so") {
  const ScriptedModel model(std::map<std::int64_t, Ids>{{4, {data::kEos}}});
  const DecodeOptions options;
  BatchSearch search(model, options);
  CHECK_THROWS_WITH(search.add(batch_of({{4}}), {.prefixes = {{5}, {6}}, .keys = {}}),
                    Catch::Matchers::StartsWith("search: got 2 prefixes; expected none, or one"));
  search.step();
  CHECK(search.take().empty());
}

TEST_CASE("a translation ends after twice the source's length and 10 tokens") {
  const ScriptedModel model({{4, Ids(20, 7)}, {5, Ids(20, 8)}});
  const std::vector<Ids> found = greedy(model, batch_of({{4}, {5, 5, 5}}));
  CHECK(found == std::vector<Ids>{Ids(12, 7), Ids(16, 8)});
  CHECK(model.batches().size() == 16);
}

TEST_CASE("a translation ends after max_length tokens, <eos> not counted") {
  const ScriptedModel model({{4, Ids(20, 7)}, {5, {8, 9, data::kEos}}, {6, {8, data::kEos}}});
  const std::vector<Ids> found = greedy(model, batch_of({{4}, {5}, {6}}), {.max_length = 2});
  CHECK(found == std::vector<Ids>{{7, 7}, {8, 9}, {8}});
  CHECK(model.batches() == Ids{3, 3});
}

TEST_CASE("greedy search makes no node, not even for a moment") {
  for (const std::string_view preset : preset_names()) {
    const auto model = make_model(*tiny_preset(preset));
    const auto made = [&](auto work) {
      const std::int64_t before = made_nodes();
      work();
      return made_nodes() - before;
    };
    CAPTURE(preset);
    CHECK(made([&] { greedy(*model, batch_of({{4, 5}, {6}})); }) == 0);
    CHECK(grad_enabled());
    CHECK(made([&] { model->loss(tiny_batch()); }) > 0);  // the counter counts
  }
}

}  // namespace
}  // namespace weft::models
