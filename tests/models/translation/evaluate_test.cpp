#include "models/translation/evaluate.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/training/training.hpp"

namespace weft::models {
namespace {

const std::vector<std::string> kSources = {"w1 w2", "w3", "w4 w5 w6", "w7 w8"};

TEST_CASE("the mean loss counts target tokens and leaves the mode as it was") {
  Translator translator = tiny_translator("bahdanau2015", 0.5);
  const std::vector<data::SentencePair> pairs = copy_task(7);
  const double loss = mean_loss(*translator.model, pairs, {.sentences = 3});
  CHECK(translator.model->training());
  CHECK(mean_loss(*translator.model, pairs, {.sentences = 7}) == Approx(loss).epsilon(1e-5));
  translator.model->eval();
  double sum = 0;
  std::int64_t tokens = 0;
  for (std::int64_t row = 0; row < 7; ++row) {
    const data::Batch one = data::make_batch(pairs, {row});
    sum += translator.model->loss(one, {}, Reduction::sum).item();
    tokens += one.target_tokens;
  }
  CHECK(loss == Approx(sum / static_cast<double>(tokens)).epsilon(1e-5));
  mean_loss(*translator.model, pairs, {});
  CHECK_FALSE(translator.model->training());
}

TEST_CASE("an evaluation scores translations, and the loss of the references") {
  Translator translator = tiny_translator();
  translator.model->eval();
  const std::vector<std::string> own = translator.translate(kSources, 2);
  std::vector<data::TextPair> pairs;
  for (std::size_t i = 0; i < kSources.size(); ++i) {
    pairs.push_back({kSources[i], i == 2 ? own[i] + " w0" : own[i]});
  }
  const Evaluation result =
      evaluate(translator, pairs, 2, data::BleuTokenization::none, {.max_length = 0});
  CHECK(result.hypotheses == own);
  CHECK(result.exact_match == 0.75);
  CHECK(result.perplexity == std::exp(result.loss));
  CHECK(result.signature.find("tok:none") != std::string::npos);
  CHECK(result.chrf_signature.find("nc:6") != std::string::npos);
  CHECK(result.sentences_per_second > 0);
  CHECK(result.tokens_per_second > 0);

  std::vector<data::TokenPair> tokens =
      data::tokenize(pairs, translator.source.tokenizer, translator.target.tokenizer);
  data::drop_unfit(tokens, 0, "test");
  const auto ids = data::encode(tokens, translator.source.vocabulary, translator.target.vocabulary);
  CHECK(result.loss == mean_loss(*translator.model, ids, {.sentences = 2}));
}

TEST_CASE("references that are the translations score full marks") {
  Translator translator = tiny_translator("bahdanau2015", 0, 2);  // says something
  translator.model->eval();
  std::vector<data::TextPair> pairs;
  const std::vector<std::string> own = translator.translate(kSources, 4, {.max_length = 5});
  REQUIRE(own[0].size() > 3);
  for (std::size_t i = 0; i < kSources.size(); ++i) {
    pairs.push_back({kSources[i], own[i]});
  }
  const Evaluation result =
      evaluate(translator, pairs, 4, data::BleuTokenization::none, {.max_length = 5});
  CHECK(result.exact_match == 1);
  CHECK(result.bleu == Approx(100));
  CHECK(result.chrf == Approx(100));
}

TEST_CASE("a pair with an empty side is translated and has no loss") {
  Translator translator = tiny_translator();
  translator.model->eval();
  const std::vector<data::TextPair> pairs = {{"w1 w2", "w2 w1"}};
  std::vector<data::TextPair> with_empty = pairs;
  with_empty.push_back({"", "w3"});
  const auto none = data::BleuTokenization::none;
  const Evaluation result = evaluate(translator, with_empty, 8, none);
  REQUIRE(result.hypotheses.size() == 2);
  CHECK(result.hypotheses[1].empty());
  CHECK(result.loss == evaluate(translator, pairs, 8, none).loss);
}

TEST_CASE("a long pair is translated up to the limit, and has no loss") {
  Translator translator = tiny_translator();
  translator.model->eval();
  translator.max_source_length = 3;
  const std::vector<data::TextPair> pairs = {{"w1 w2", "w2 w1"}};
  std::vector<data::TextPair> with_long = pairs;
  with_long.push_back({"w1 w2 w3 w4", "w2"});
  with_long.push_back({"w1", "w1 w2 w3 w4"});
  const auto none = data::BleuTokenization::none;
  const Evaluation result = evaluate(translator, with_long, 8, none);
  CHECK(result.hypotheses[1] == translator.translate({"w1 w2 w3"}, 1)[0]);
  CHECK(result.long_pairs == data::Findings{2, {2, 3}});
  CHECK(result.loss == evaluate(translator, pairs, 8, none).loss);
}

TEST_CASE("a test set without a pair is an error") {
  const Translator translator = tiny_translator();
  CHECK(message_of([&] {
          evaluate(translator, {{"", ""}}, 8, data::BleuTokenization::none, {}, "a.tsv");
        }) ==
        "a.tsv: no sentence pairs left; got 1 with an empty side and 0 with more than 1000 tokens");
  CHECK(message_of([&] { evaluate(translator, {}, 8, data::BleuTokenization::none); }) !=
        "no error");
}

}  // namespace
}  // namespace weft::models
