#include "data/line_rules.hpp"

#include <cmath>
#include <random>

#include "data/text/line.hpp"
#include "tests/catch.hpp"

namespace weft::data {
namespace {

using Ids = std::vector<std::int64_t>;

Language language_of(TokenizerKind kind, const std::vector<std::string>& tokens) {
  TokenCounts counts;
  count_tokens(tokens, counts);
  return {Tokenizer({kind}), Vocabulary::build(counts, 1)};
}

Language subword_language() {
  Tokenizer tokenizer({TokenizerKind::subword},
                      Subwords::train(std::vector<std::string>{"a bc", "b\u0085c", "\x1B"}, {}));
  Vocabulary vocabulary = Vocabulary::of(tokenizer.subwords().pieces());
  return {std::move(tokenizer), std::move(vocabulary)};
}

/// The ids that may come after others.
Ids possible(const Language& language, const Ids& tokens) {
  std::vector<float> log_p(static_cast<std::size_t>(language.vocabulary.size()), 0.0F);
  LineRules(language).exclude(log_p, tokens);
  Ids ids;
  for (std::size_t id = 0; id < log_p.size(); ++id) {
    if (!std::isinf(log_p[id])) {
      ids.push_back(static_cast<std::int64_t>(id));
    }
  }
  return ids;
}

/// The bytes that may come after other bytes, in a model of subwords.
std::string possible_bytes(const Language& language, const std::string& begun) {
  const Ids bytes = language.tokenizer.subwords().byte_ids();
  Ids tokens;
  for (const char c : begun) {
    tokens.push_back(bytes.at(static_cast<unsigned char>(c)));
  }
  std::string result;
  for (const std::int64_t id : possible(language, tokens)) {
    const auto byte = std::ranges::find(bytes, id) - bytes.begin();
    result += byte < std::ssize(bytes) ? std::string(1, static_cast<char>(byte)) : "";
  }
  return result;
}

TEST_CASE("line rules: words with control characters or separators never come") {
  const Language language = language_of(
      TokenizerKind::word,
      {"le", "chat", "\x1B[31m", "a\u0085b", "a\u2028", "a\x1C", "a\tb", "\u202Enoir", "\x7F"});
  const Vocabulary& words = language.vocabulary;
  const Ids expected = possible(language, {words.id("le")});
  CHECK(expected.size() == 4 + 3);
  for (const std::string word : {"<eos>", "<unk>"}) {
    INFO(word);
    CHECK(std::ranges::find(expected, word == "<eos>" ? kEos : kUnk) != expected.end());
  }
  for (const std::string word : {"le", "chat", "\u202Enoir"}) {
    CHECK(std::ranges::find(expected, words.id(word)) != expected.end());
  }
  CHECK(possible(language, {}) == expected);
  CHECK_FALSE(LineRules(language).free());
}

TEST_CASE("line rules: nothing is excluded of words without such characters, nor without rules") {
  const Language language = language_of(TokenizerKind::word, {"le", "chat", "<line-feed>"});
  CHECK(LineRules(language).free());
  CHECK(possible(language, {4}).size() == 7);
  CHECK(LineRules().free());
}

TEST_CASE("line rules: of the white space among characters, spaces and tabs come") {
  const Language language = language_of(TokenizerKind::character,
                                        {"a", "<space>", "<tab>", "<line-feed>", "<vertical-tab>",
                                         "<form-feed>", "<carriage-return>", "\u2028", "\x1B"});
  const Ids found = possible(language, {});
  CHECK(found.size() == 4 + 3);
  for (const std::string token : {"a", "<space>", "<tab>"}) {
    CHECK(std::ranges::find(found, language.vocabulary.id(token)) != found.end());
  }
}

TEST_CASE("line rules: bytes come in sequences that are characters of a line") {
  const Language language = subword_language();
  const auto bytes = [&](const std::string& begun) { return possible_bytes(language, begun); };
  const auto range = [](unsigned low, unsigned high) {
    std::string result;
    for (unsigned byte = low; byte <= high; ++byte) {
      result += static_cast<char>(byte);
    }
    return result;
  };
  const std::string first = range(0x20, 0x7E) + range(0xC2, 0xF4);
  CHECK(bytes("") == first);
  CHECK(bytes("a") == first);
  CHECK(bytes("\u00E9") == first);
  CHECK(bytes("\U0001F600") == first);
  CHECK(bytes("\xC2") == range(0xA0, 0xBF));  // U+0080 to U+009F are control characters
  CHECK(bytes("\xC3") == range(0x80, 0xBF));
  CHECK(bytes("a\u00E9\xC3") == range(0x80, 0xBF));
  CHECK(bytes("\xE0") == range(0xA0, 0xBF));
  CHECK(bytes("\xED") == range(0x80, 0x9F));
  CHECK(bytes("\xE2\x80") == range(0x80, 0xA7) + range(0xAA, 0xBF));
  CHECK(bytes("\xF0") == range(0x90, 0xBF));
  CHECK(bytes("\xF4") == range(0x80, 0x8F));
  CHECK(bytes("\xF0\x9F\x98") == range(0x80, 0xBF));
  CHECK(bytes("\xF0\x9F\x98\x80\xE4\xB8") == range(0x80, 0xBF));
  CHECK(bytes("\x80\xFF") == first);  // what rules would not have let come begins nothing
}

TEST_CASE("line rules: within a character no other piece comes, nor the end") {
  const Language language = subword_language();
  const Ids bytes = language.tokenizer.subwords().byte_ids();
  CHECK(possible(language, {bytes[0xE4]}).size() == 64);
  CHECK(possible(language, {bytes[0xE4], kUnk}) == possible(language, {}));
  const Ids all = possible(language, {});
  const auto comes = [&](std::int64_t id) { return std::ranges::find(all, id) != all.end(); };
  CHECK(comes(kEos));
  CHECK(comes(language.vocabulary.id("a")));
  for (const std::string piece : {"\u0085", "\x1B", "<0x0A>", "<0x09>"}) {
    INFO(piece);
    REQUIRE(language.vocabulary.id(piece) != kUnk);
    CHECK_FALSE(comes(language.vocabulary.id(piece)));
  }
}

TEST_CASE("line rules: whatever is drawn by them is a line of UTF-8") {
  const Language language = subword_language();
  std::mt19937 random(1);
  for (int line = 0; line < 200; ++line) {
    Ids ids;
    for (Ids next = possible(language, ids); ids.size() < 20 || next.front() >= kSpecials;
         next = possible(language, ids)) {
      std::erase_if(next, [](std::int64_t id) { return id < kSpecials; });
      ids.push_back(next[random() % next.size()]);
    }
    const std::string text = language.decode(ids);
    INFO(text);
    CHECK_FALSE(has_control(text));
    CHECK(text.find("\uFFFD") == std::string::npos);
  }
}

TEST_CASE("line rules: numbers beyond the vocabulary are left as they are") {
  const Language language = language_of(TokenizerKind::word, {"le", "\x1B"});
  std::vector<float> log_p(10, 1.0F);
  LineRules(language).exclude(log_p, Ids{8, 9});
  CHECK(std::ranges::count(log_p, 1.0F) == 9);
}

}  // namespace
}  // namespace weft::data
