#include "models/ensemble.hpp"

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "data/text/vocabulary.hpp"
#include "models/translation/join_translators.hpp"
#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/search/reference_search.hpp"
#include "tests/models/tiny.hpp"
#include "tests/models/training/training.hpp"

namespace weft::models {
namespace {

std::unique_ptr<Seq2Seq> member(const std::string& preset_name, std::uint64_t seed) {
  manual_seed(seed);
  auto model = make_model(*tiny_preset(preset_name, 2));
  model->to(DType::float64);
  model->eval();
  return model;
}

std::unique_ptr<Ensemble> ensemble(std::unique_ptr<Seq2Seq> a, std::unique_ptr<Seq2Seq> b) {
  std::vector<std::unique_ptr<Seq2Seq>> members;
  members.push_back(std::move(a));
  members.push_back(std::move(b));
  return std::make_unique<Ensemble>(std::move(members));
}

TEST_CASE("an ensemble predicts the mean of its members' probabilities") {
  const auto a = member("bahdanau2015", 1);
  const auto b = member("luong2015", 2);
  const auto both = ensemble(member("bahdanau2015", 1), member("luong2015", 2));
  const data::Batch batch = tiny_batch();
  const Tensor expected =
      (softmax(a->forward(batch), -1) + softmax(b->forward(batch), -1)) * 0.5;  // [T, B, V]
  CHECK(distance(exp(both->forward(batch)), expected) < 1e-14);

  // Also step by step: a session agrees with `forward`.
  const NoGradGuard guard;
  const auto session = both->open({batch.source, batch.source_lengths});
  const std::vector<Tensor> taught = unbind(both->forward(batch));
  const std::vector<Tensor> tokens = unbind(batch.target_in);
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    const Prediction next = session->step(tokens[t]);
    CHECK(distance(next.log_p, taught[t]) < 1e-13);
    CHECK(distance(sum(next.attention, {0}), ones({3}, DType::float64)) < 1e-14);
  }
}

TEST_CASE("sentences that are under way join a fresh session with their words") {
  const auto both = ensemble(member("bahdanau2015", 1), member("luong2015", 2));
  const NoGradGuard guard;
  const data::SourceBatch first = batch_of({{4, 5}});
  const data::SourceBatch second = batch_of({{8, 4, 6}});
  const auto ids = [](const std::vector<std::int64_t>& values) {
    return tensor(values, {std::ssize(values)});
  };
  auto running = both->open(first);
  running->step(ids({data::kBos}));
  const auto alone = both->open(first);
  alone->step(ids({data::kBos}));
  const auto fresh = both->open(second);
  fresh->join(std::move(running));
  const Tensor joined = fresh->step(ids({data::kBos, 9})).log_p;
  CHECK(distance(narrow(joined, 0, 1, 1), alone->step(ids({9})).log_p) < 1e-13);
}

TEST_CASE("a recurrent model and a Transformer predict together, while sentences come and go") {
  const auto both = ensemble(member("bahdanau2015", 1), member("vaswani2017", 2));
  const NoGradGuard guard;
  const auto ids = [](const std::vector<std::int64_t>& values) {
    return tensor(values, {std::ssize(values)});
  };
  const auto session = both->open(batch_of({{8, 4, 6, 5, 7}, {4, 5}}));
  session->step(ids({data::kBos, data::kBos}));
  session->select(ids({1, 1}));  // the longer one has left; the attention of both is as long still
  session->join(both->open(batch_of({{6, 7, 4}})));
  const Prediction found = session->step(ids({9, 5, data::kBos}));
  const auto alone = both->open(batch_of({{4, 5}}));
  alone->step(ids({data::kBos}));
  const Prediction expected = alone->step(ids({9}));
  CHECK(distance(narrow(found.log_p, 0, 0, 1), expected.log_p) < 1e-13);
  CHECK(distance(narrow(narrow(found.attention, 0, 0, 2), 1, 0, 1), expected.attention) < 1e-13);
  CHECK(distance(sum(found.attention, {0}), ones({3}, DType::float64)) < 1e-14);
}

TEST_CASE("a model twice is that model, for every search") {
  manual_seed(5);
  const std::vector<Ids> sources = {{4, 5, 6, 7}, {8, 4}, {6}};
  for (const std::string preset_name : {"bahdanau2015", "cho2014", "luong2015"}) {
    const auto make = [&] {
      manual_seed(9);
      auto model = make_model(*tiny_preset(preset_name, 2));
      model->eval();
      return model;
    };
    const auto alone = make();
    const auto twice = ensemble(make(), make());
    for (const DecodeOptions& options :
         {DecodeOptions{.max_length = 8}, DecodeOptions{.beam = 3, .nbest = 2, .max_length = 8}}) {
      const auto expected = decode(*alone, batch_of(sources), options);
      const auto found = decode(*twice, batch_of(sources), options);
      for (std::size_t i = 0; i < sources.size(); ++i) {
        CHECK(found[i][0].tokens == expected[i][0].tokens);
        CHECK(found[i][0].score == Approx(expected[i][0].score).epsilon(1e-5).margin(1e-6));
      }
    }
  }
}

TEST_CASE("models of different vocabularies make no ensemble") {
  std::vector<Translator> members;
  members.push_back(tiny_translator());
  members.push_back(tiny_translator("tutorial"));
  const Translator joined = join_translators(std::move(members));
  CHECK(joined.model->config().target_vocab == 16);

  const auto refused = [](data::Language language, const std::vector<std::string>& names) {
    std::vector<Translator> different;
    different.push_back(tiny_translator());
    different.push_back(
        Translator::make(tiny_config("tutorial"), twelve_words(), std::move(language), {}));
    return message_of([&] { join_translators(std::move(different), names); });
  };
  CHECK(refused({data::Tokenizer(), data::Vocabulary()}, {}) ==
        "ensemble: model 1 and model 2 differ in their target vocabulary; got 16 and 4 tokens; "
        "expected the same");
  data::TokenizerConfig lowercased;
  lowercased.lowercase = true;
  CHECK(refused({data::Tokenizer(lowercased), twelve_words().vocabulary}, {"a/best", "b"}) ==
        "ensemble: a/best and b differ in their target tokenizer; got word in nfc and word in nfc, "
        "lower-cased; expected the same");
  const data::TokenCounts others = {{"w0", 2}, {"w1", 3}};
  const data::TokenCounts words = {{"w0", 3}, {"w1", 2}};
  std::vector<Translator> swapped;
  for (const data::TokenCounts& counts : {words, others}) {
    swapped.push_back(Translator::make(tiny_config("tutorial"), twelve_words(),
                                       {data::Tokenizer(), data::Vocabulary::build(counts, 1)},
                                       {}));
  }
  CHECK(message_of([&] {
          join_translators(std::move(swapped), {"a", "b"});
        }) ==
        "ensemble: a and b differ in their target vocabulary; got 'w0' and 'w1' as token 4; "
        "expected the same");
  CHECK_THROWS_AS(Ensemble({}), Error);
}

}  // namespace
}  // namespace weft::models
