#include "data/text/vocabulary.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"

namespace weft::data {
namespace {

using Ids = std::vector<std::int64_t>;
using Tokens = std::vector<std::string>;

Tokens tokens_of(const Vocabulary& vocabulary) {
  Tokens tokens;
  for (std::int64_t id = 0; id < vocabulary.size(); ++id) {
    tokens.push_back(vocabulary.token(id));
  }
  return tokens;
}

TEST_CASE("vocabulary: frequent words come first, equals by their bytes") {
  TokenCounts counts;
  count_tokens(Tokens{"b", "a", "\u00E9", "c", "c", "c", "Z"}, counts);
  count_tokens(Tokens{"b", "a", "\u00E9", "Z", "once"}, counts);
  const Vocabulary vocabulary = Vocabulary::build(counts, 2);
  REQUIRE(tokens_of(vocabulary) ==
          Tokens{"<pad>", "<bos>", "<eos>", "<unk>", "c", "Z", "a", "b", "\u00E9"});
  REQUIRE(Vocabulary::build(counts, 1).size() == 10);
}

TEST_CASE("vocabulary: the largest size counts the special tokens") {
  const TokenCounts counts = {{"x", 3}, {"y", 2}, {"z", 1}};
  REQUIRE(tokens_of(Vocabulary::build(counts, 1, 6)) ==
          Tokens{"<pad>", "<bos>", "<eos>", "<unk>", "x", "y"});
  REQUIRE(Vocabulary::build(counts, 1, 100).size() == 7);
}

TEST_CASE("vocabulary: impossible limits are refused") {
  REQUIRE_THROWS_WITH(Vocabulary::build({}, 0),
                      "vocabulary: min-freq is too small; got 0; expected at least 1");
  REQUIRE_THROWS_WITH(Vocabulary::build({}, 1, 4),
                      "vocabulary: the size leaves no room for words; got 4; expected more than 4");
}

TEST_CASE("vocabulary: the text of a special token is an unknown word") {
  const TokenCounts counts = {{"<unk>", 5}, {"<eos>", 5}, {"word", 1}};
  const Vocabulary vocabulary = Vocabulary::build(counts, 1);
  REQUIRE(vocabulary.size() == kSpecials + 1);
  REQUIRE(vocabulary.encode(Tokens{"<eos>", "<pad>", "<unk>", "word"}) ==
          Ids{kUnk, kUnk, kUnk, kSpecials});
}

TEST_CASE("vocabulary: encodes and decodes") {
  const Vocabulary vocabulary = Vocabulary::build({{"a", 2}, {"b", 1}}, 1);
  REQUIRE(vocabulary.encode(Tokens{"b", "new", "a"}) == Ids{5, kUnk, 4});
  REQUIRE(vocabulary.decode(Ids{kBos, 5, kUnk, 4, kEos, 5, kPad}) == Tokens{"b", "<unk>", "a"});
  REQUIRE(vocabulary.decode(Ids{4, kPad, kPad}) == Tokens{"a"});
  REQUIRE_THROWS_WITH(vocabulary.decode(Ids{6}),
                      "vocabulary: no such id; got 6; expected 0 <= id < 6");
  REQUIRE_THROWS_WITH(vocabulary.token(-1), "vocabulary: no such id; got -1; expected 0 <= id < 6");
}

TEST_CASE("vocabulary: a saved vocabulary is loaded as it was") {
  const TemporaryFolder folder;
  const std::string path = folder.path("source.vocab");
  const Vocabulary vocabulary = Vocabulary::build({{"\u4E2D\u00A0", 2}, {"b", 1}}, 1);
  vocabulary.save(path);
  std::stringstream saved;
  saved << std::ifstream(path).rdbuf();
  REQUIRE(saved.str() == "<pad>\n<bos>\n<eos>\n<unk>\n\u4E2D\u00A0\nb\n");
  REQUIRE(tokens_of(Vocabulary::load(path)) == tokens_of(vocabulary));
  REQUIRE(Vocabulary::load(path).id("b") == 5);
}

TEST_CASE("vocabulary: a damaged file is refused with file and line") {
  const TemporaryFolder folder;
  const std::string specials = "<pad>\n<bos>\n<eos>\n<unk>\n";
  const auto load = [&folder](const std::string& content) {
    return Vocabulary::load(folder.write("v", content));
  };
  const std::string path = folder.path("v");
  REQUIRE(load(specials).size() == kSpecials);
  REQUIRE_THROWS_WITH(load(""), path + ": the file is empty; expected at least one line");
  REQUIRE_THROWS_WITH(load("<pad>\nthe\n"),
                      path + ":2: a special token is missing; got the; expected <bos>");
  REQUIRE_THROWS_WITH(load(specials + "a\nb\na\n"), path + ":7: a token stands twice; got a");
  REQUIRE_THROWS_WITH(load(specials + "<eos>\n"), path + ":5: a token stands twice; got <eos>");
  REQUIRE_THROWS_WITH(load(specials + "a\n\n"),
                      path + ":6: a token is empty; expected one token a line");
  REQUIRE_THROWS_WITH(load(specials + "\xC3\n"), path + ":5: invalid UTF-8 at byte 1");
}

TEST_CASE("vocabulary: what cannot be saved is said") {
  const TokenCounts counts = {{"two\nlines", 1}};
  REQUIRE_THROWS_WITH(Vocabulary::build(counts, 1),
                      "vocabulary: a token is broken by a line end; expected one token a line");
  const std::string full = "/dev/full";  // a Linux device that is always full
  if (std::filesystem::exists(full)) {
    REQUIRE_THROWS_WITH(Vocabulary().save(full),
                        full + ": cannot write the vocabulary; got: No space left on device");
  }
}

}  // namespace
}  // namespace weft::data
