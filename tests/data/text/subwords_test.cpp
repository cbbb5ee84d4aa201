#include "data/text/subwords.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "autograd/error.hpp"
#include "data/text/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"

namespace weft::data {
namespace {

using Pieces = std::vector<std::string>;

// A text in which some words occur many times.
Pieces text() {
  Pieces lines;
  for (int i = 0; i < 60; ++i) {
    lines.push_back("the cats sleep in house number " + std::to_string(i * 37));
    lines.push_back("两只猫在房子里睡觉" + std::to_string(i));
  }
  return lines;
}

Subwords learn(SubwordModel model, std::int64_t size = 340) {
  return Subwords::train(text(), {model, size});
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("subwords: any text comes back from its pieces, and none of it is unknown") {
  for (const SubwordModel model : {SubwordModel::unigram, SubwordModel::bpe}) {
    INFO(name(model));
    const Subwords subwords = learn(model);
    const Pieces pieces = subwords.pieces();
    for (const std::string line :
         {"the cats sleep", "猫在房子里", "a word it never saw", "Ünïcödé \u0301 \u00A0",
          "👩‍👩‍👧 😀", "<unk> <eos> <0x41>"}) {
      INFO(line);
      const Pieces found = subwords.encode(line);
      CHECK(subwords.decode(found) == line);
      CHECK(std::ranges::all_of(found, [&](const std::string& piece) {
        return std::find(pieces.begin() + kSpecials, pieces.end(), piece) != pieces.end();
      }));
    }
    CHECK(subwords.encode("").empty());
    CHECK(subwords.decode(subwords.encode(" the \t cats\v\r ")) == "the cats");
    CHECK(subwords.decode({"<0xE7>", "x"}) == "\uFFFDx");
  }
}

TEST_CASE(
    "subwords: the vocabulary has the special tokens, the bytes, and no more than asked for") {
  for (const SubwordModel model : {SubwordModel::unigram, SubwordModel::bpe}) {
    INFO(name(model));
    const Pieces pieces = learn(model).pieces();
    CHECK(pieces.size() <= 340);
    CHECK(pieces.size() > 310);
    CHECK(Pieces(pieces.begin(), pieces.begin() + 4) == Pieces{"<pad>", "<bos>", "<eos>", "<unk>"});
    CHECK(pieces[4] == "<0x00>");
    CHECK(std::set<std::string>(pieces.begin(), pieces.end()).size() == pieces.size());
  }
}

TEST_CASE("subwords: a small text has fewer pieces than asked for") {
  for (const SubwordModel model : {SubwordModel::unigram, SubwordModel::bpe}) {
    INFO(name(model));
    CHECK(learn(model, 100'000).pieces().size() < 2'000);
    const Subwords few = Subwords::train(Pieces{"a b"}, {model, 8000});
    CHECK(few.decode(few.encode("b a")) == "b a");
  }
}

TEST_CASE("subwords: the marks that SentencePiece reserves are white space to learning") {
  for (const SubwordModel model : {SubwordModel::unigram, SubwordModel::bpe}) {
    INFO(name(model));
    const Pieces plain = {"the cat", "the dog", "the house"};
    Pieces marked = plain;
    marked[1] = "\u2585 the dog";  // a line with this mark would be skipped
    marked[2] = "the\u2581house";
    CHECK(Subwords::train(marked, {model, 300}).pieces() ==
          Subwords::train(plain, {model, 300}).pieces());
    for (const std::string blank : {"\u2581", "\u2585", " \t"}) {
      CHECK_THROWS_WITH(Subwords::train(Pieces{blank}, {model, 300}),
                        "subwords: no text to learn from; got 1 lines of white space or its mark; "
                        "expected words");
    }
  }
}

// SentencePiece crashes on words of 32,772 characters, and takes minutes for a unigram model of a
// line of a million that repeats itself.
TEST_CASE("subwords: a word of any length is learnt from, in pieces") {
  std::string spaced;
  for (int i = 0; i < 100'000; ++i) {
    spaced += "ab ";
  }
  for (const SubwordModel model : {SubwordModel::unigram, SubwordModel::bpe}) {
    INFO(name(model));
    for (const std::string& line : {std::string(300'000, 'x'), spaced}) {
      const Subwords subwords = Subwords::train(Pieces{line, "猫a b"}, {model, 300});
      CHECK(subwords.decode(subwords.encode("猫 xab")) == "猫 xab");
    }
  }
  CHECK_FALSE(has_cut_word(spaced));
  CHECK_FALSE(has_cut_word("a " + std::string(kLongestLearnt, 'x') + "\tb"));
  CHECK(has_cut_word("a " + std::string(kLongestLearnt + 1, 'x')));
  std::string cats;
  for (int i = 0; i < kLongestLearnt; ++i) {
    cats += "猫";
  }
  CHECK_FALSE(has_cut_word(cats));
  CHECK(has_cut_word(cats + "猫"));
}

TEST_CASE("subwords: the same text gives the same model, and files keep it") {
  const TemporaryFolder folder;
  for (const SubwordModel model : {SubwordModel::unigram, SubwordModel::bpe}) {
    INFO(name(model));
    learn(model).save(folder.path("a"));
    learn(model).save(folder.path("b"));
    CHECK(bytes_of(folder.path("a")) == bytes_of(folder.path("b")));
    const Subwords loaded = Subwords::load(folder.path("a"));
    CHECK(loaded.pieces() == learn(model).pieces());
    CHECK(loaded.encode("the cats 猫 zzz") == learn(model).encode("the cats 猫 zzz"));
  }
}

TEST_CASE("subwords: bad options are refused") {
  CHECK_THROWS_WITH(learn(SubwordModel::bpe, 260),
                    "subwords: the size leaves no room for pieces; got 260; expected more than 4 "
                    "special tokens and 256 bytes; hint: a larger --vocab-size");
  for (const SubwordModel model : {SubwordModel::unigram, SubwordModel::bpe}) {
    CHECK_THROWS_WITH(
        Subwords::train(Pieces{"ab  \tc", "猫a"}, {model, 264}),
        "subwords: the size leaves no room for the text's characters; got 264; "
        "expected at least 265: special tokens, bytes, and a piece for each character; hint: a "
        "larger --vocab-size");
    CHECK(Subwords::train(Pieces{"ab  \tc", "猫a"}, {model, 265}).pieces().size() == 265);
  }
  CHECK_THROWS_AS(Subwords::train(Pieces{}, {}), Error);
  CHECK_THROWS_AS(named<SubwordModel>("wordpiece"), Error);
}

TEST_CASE("subwords: a file that is no model is refused, whatever it holds") {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.spm");
  CHECK_THROWS_WITH(Subwords::load(path), path + ": cannot read the file");
  learn(SubwordModel::bpe).save(path);
  const std::string good = bytes_of(path);
  const auto refused = [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    try {
      Subwords::load(path);
    } catch (const Error& error) {
      return std::string(error.what()).starts_with(path);
    }
    return false;
  };
  CHECK(refused(""));
  CHECK(refused("text"));
  CHECK(refused(std::string(100, '\xFF')));
  for (std::size_t cut = 1; cut < good.size(); cut += 97) {
    CHECK(refused(good.substr(0, cut)));
  }
}

}  // namespace
}  // namespace weft::data
