#include "models/session.hpp"

#include <algorithm>

#include "autograd/tape.hpp"
#include "data/text/vocabulary.hpp"
#include "models/ensemble.hpp"
#include "models/search/batch_search.hpp"
#include "tests/catch.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {
namespace {

std::unique_ptr<Seq2Seq> double_model(const ModelConfig& config) {
  manual_seed(3);
  std::unique_ptr<Seq2Seq> model = make_model(config);
  model->to(DType::float64);
  model->eval();
  return model;
}

data::SourceBatch source_of(const data::Batch& batch) {
  return {.source = batch.source, .source_lengths = batch.source_lengths};
}

Tensor ids(const std::vector<std::int64_t>& values) { return tensor(values, {std::ssize(values)}); }

TEST_CASE("a session predicts what forward does, step by step") {
  const data::Batch batch = tiny_batch();
  for (const auto& [name, config, tied] : all_tiny_variants()) {
    INFO(name);
    const auto model = double_model(*config);
    const std::vector<Tensor> expected = unbind(model->forward(batch));
    const auto session = model->open(source_of(batch));
    const std::vector<Tensor> tokens = unbind(batch.target_in);
    for (std::size_t t = 0; t < tokens.size(); ++t) {
      CHECK(distance(session->step(tokens[t]).log_p, expected[t]) < 1e-12);
    }
    // What every family has without code of its own: forward and loss through a session.
    CHECK(distance(model->Seq2Seq::forward(batch), stack(expected)) < 1e-12);
    CHECK(model->Seq2Seq::loss(batch).item() == Approx(model->loss(batch).item()).epsilon(1e-12));
  }
}

TEST_CASE("rows are kept, doubled and reordered") {
  const data::Batch batch = tiny_batch();
  const NoGradGuard guard;
  for (const auto& [name, config, tied] : all_tiny_variants()) {
    INFO(name);
    const auto model = double_model(*config);
    const auto plain = model->open(source_of(batch));
    const auto moved = model->open(source_of(batch));
    const Tensor rows = ids({2, 0, 2, 1});
    plain->step(ids({1, 1, 1}));
    moved->step(ids({1, 1, 1}));
    moved->select(rows);
    const Prediction expected = plain->step(ids({4, 5, 6}));
    const Prediction found = moved->step(index_select(ids({4, 5, 6}), 0, rows));
    CHECK(distance(found.log_p, index_select(expected.log_p, 0, rows)) < 1e-14);
    if (expected.attention.defined()) {
      CHECK(distance(found.attention, index_select(expected.attention, 1, rows)) < 1e-14);
    }
  }
}

// The predictions of a session with this sentence alone.
std::vector<Tensor> alone(const Seq2Seq& model, const data::SourceBatch& batch,
                          const std::vector<std::int64_t>& tokens) {
  const auto session = model.open(batch);
  std::vector<Tensor> all;
  for (const std::int64_t token : tokens) {
    all.push_back(session->step(ids({token})).log_p);
  }
  return all;
}

TEST_CASE("sentences join a session that is under way, longer and shorter ones") {
  const NoGradGuard guard;
  const std::vector<std::vector<std::int64_t>> sources = {{4, 5, 6}, {8, 4}, {6, 7, 5, 4, 8}, {5}};
  const auto batch_of = [&](const std::vector<std::int64_t>& rows) {
    return data::make_source_batch(sources, rows);
  };
  for (const auto& [name, config, tied] : all_tiny_variants()) {
    INFO(name);
    const auto model = double_model(*config);
    const auto session = model->open(batch_of({0, 1}));
    session->step(ids({1, 1}));
    session->select(ids({1}));  // sentence 0 has left
    session->join(model->open(batch_of({2, 3})));
    const Tensor second = session->step(ids({7, 1, 1})).log_p;
    session->select(ids({1, 0, 2}));
    session->join(model->open(batch_of({0})));
    const Tensor third = session->step(ids({9, 8, 4, 1})).log_p;

    const auto check = [&](const Tensor& found, std::int64_t row, std::int64_t sentence,
                           const std::vector<std::int64_t>& tokens) {
      const Tensor own = alone(*model, batch_of({sentence}), tokens).back();
      CHECK(distance(narrow(found, 0, row, 1), own) < 1e-13);
    };
    check(second, 0, 1, {1, 7});
    check(second, 1, 2, {1});
    check(second, 2, 3, {1});
    check(third, 0, 2, {1, 9});
    check(third, 1, 1, {1, 7, 8});
    check(third, 2, 3, {1, 4});
    check(third, 3, 0, {1});
  }
}

TEST_CASE("the session of another model does not join") {
  const data::Batch batch = tiny_batch();
  const auto model = double_model(tiny_config("luong2015"));
  const auto other = double_model(tiny_config("luong2015"));
  CHECK_THROWS_WITH(model->open(source_of(batch))->join(other->open(source_of(batch))),
                    Catch::Matchers::StartsWith("session: got one of another model to join"));
}

// Bit for bit: a sentence's translations do not depend on when it entered.
TEST_CASE("translations are the same whenever a sentence enters, for every search") {
  const std::vector<std::vector<std::int64_t>> sources = {
      {4, 5, 6, 7, 8}, {8, 4}, {6}, {7, 7, 7}, {5, 4, 5, 4}};
  for (const std::string_view preset_name : preset_names()) {
    manual_seed(4);
    const auto model = make_model(*tiny_preset(preset_name, 2));
    for (auto& [name, tensor] : model->named_parameters()) {
      tensor.copy_(tensor.detach() * 3);
    }
    model->eval();
    for (const DecodeOptions& options :
         {DecodeOptions{.max_length = 9, .attention = true, .scores = true},
          DecodeOptions{.beam = 3, .nbest = 2, .max_length = 9, .attention = true},
          DecodeOptions{.max_length = 9, .temperature = 1, .scores = true}}) {
      const auto expected = decode(*model, data::make_source_batch(sources, {0, 1, 2, 3, 4}),
                                   options, {.prefixes = {}, .keys = {7, 8, 9, 10, 11}});
      BatchSearch search(*model, options);
      std::vector<std::vector<Hypothesis>> found(sources.size());
      for (std::int64_t next = 0; next < 5 || search.rows() > 0;) {
        if (next < 5) {
          search.add(data::make_source_batch(sources, {next}),
                     {.prefixes = {}, .keys = {static_cast<std::uint64_t>(7 + next)}});
          ++next;
        }
        search.step();
        for (auto& [number, translations] : search.take()) {
          found[static_cast<std::size_t>(number)] = std::move(translations);
        }
      }
      for (std::size_t i = 0; i < sources.size(); ++i) {
        REQUIRE(found[i].size() == expected[i].size());
        for (std::size_t k = 0; k < found[i].size(); ++k) {
          CHECK(found[i][k].tokens == expected[i][k].tokens);
          CHECK(found[i][k].score == expected[i][k].score);
          CHECK(found[i][k].attention == expected[i][k].attention);
        }
      }
    }
  }
}

}  // namespace
}  // namespace weft::models
