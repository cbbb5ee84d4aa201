#include "models/translation/evaluate.hpp"

#include <cmath>

#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/training/training.hpp"

namespace weft::models {
namespace {

const std::vector<std::string> kSources = {"w1 w2", "w3", "w4 w5 w6", "w7 w8"};

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

TEST_CASE("a test set without a pair is an error") {
  const Translator translator = tiny_translator();
  CHECK(message_of([&] { evaluate(translator, {}, 8, data::BleuTokenization::none); }) !=
        "no error");
}

}  // namespace
}  // namespace weft::models
