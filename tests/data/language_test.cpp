#include "data/language.hpp"

#include "tests/catch.hpp"

namespace weft::data {
namespace {

std::vector<TextPair> pairs() {
  std::vector<TextPair> all;
  for (int i = 0; i < 40; ++i) {
    all.push_back({"The cat sees " + std::to_string(i * 31), "Le chat voit " + std::to_string(i)});
  }
  return all;
}

std::pair<Language, Language> learn(const LanguageConfig& config) {
  auto tokenizers = make_tokenizers(pairs(), config);
  const auto tokens = tokenize(pairs(), tokenizers.first, tokenizers.second);
  return make_languages(std::move(tokenizers), tokens, config);
}

TEST_CASE("language: words of two vocabularies, or of a joint one") {
  const auto [source, target] = learn({.min_freq = 2});
  CHECK(source.encode("The chat") == std::vector<std::int64_t>{source.vocabulary.id("The"), kUnk});
  CHECK(target.decode(target.encode("Le cat voit")) == "Le <unk> voit");

  const auto [joint_source, joint_target] = learn({.joint = true, .min_freq = 2});
  CHECK(joint_source.vocabulary.size() == joint_target.vocabulary.size());
  CHECK(joint_source.encode("The chat") == joint_target.encode("The chat"));
  CHECK(joint_source.vocabulary.id("chat") != kUnk);
}

TEST_CASE("language: a joint vocabulary counts both sides together") {
  const std::vector<TokenPair> tokens = {{{"a", "b"}, {"b", "c"}}};
  const auto [source, target] =
      make_languages({Tokenizer(), Tokenizer()}, tokens, {.joint = true, .min_freq = 2});
  CHECK(source.vocabulary.size() == kSpecials + 1);
  CHECK(source.vocabulary.token(kSpecials) == "b");
}

TEST_CASE("language: subwords of each side, or of both") {
  LanguageConfig config{.tokenizer = {TokenizerKind::subword}, .vocab_size = 320};
  const auto [source, target] = learn(config);
  CHECK(source.vocabulary.id("chat") == kUnk);
  CHECK(source.tokenizer.subwords().pieces() != target.tokenizer.subwords().pieces());
  CHECK(source.decode(source.encode("The cat sees 7 dogs")) == "The cat sees 7 dogs");

  config.joint = true;
  config.tokenizer.lowercase = true;
  const auto [both, same] = learn(config);
  CHECK(both.tokenizer.subwords().pieces() == same.tokenizer.subwords().pieces());
  CHECK(both.encode("THE CHAT") == same.encode("the chat"));
  CHECK(same.decode(both.encode("THE CHAT")) == "the chat");
}

TEST_CASE("language: a tokenizer of subwords needs its model, and no other has one") {
  CHECK_THROWS_WITH(Tokenizer({TokenizerKind::subword}),
                    "tokenizer: subwords and their model go together; got kind spm and no model");
  const Subwords some = Subwords::train(std::vector<std::string>{"a b c"}, {});
  CHECK_THROWS_WITH(Tokenizer({TokenizerKind::word}, some),
                    "tokenizer: subwords and their model go together; got kind word and a model");
}

}  // namespace
}  // namespace weft::data
