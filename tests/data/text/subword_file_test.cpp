#include "data/text/subword_file.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "autograd/error.hpp"
#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/data/text/subword_message.hpp"
#include "tests/models/message_of.hpp"

namespace weft::data {
namespace {

using models::message_of;
using wire::ModelMessage;

std::string fault_of(const std::string& bytes) {
  return message_of([&] { parse_subword_file(bytes, "m"); });
}
std::string fault_of(const ModelMessage& message) { return fault_of(message.bytes()); }

/// The fault of a model whose last piece is this one.
std::string fault_of_piece(const std::string& piece) {
  ModelMessage message;
  message.pieces.back() = piece;
  return fault_of(message);
}

/// The fault of a model with another text in its trainer_spec.
std::string fault_of_trainer(const std::string& from, const std::string& to) {
  ModelMessage message;
  const std::size_t at = message.trainer.find(from);
  REQUIRE(at != std::string::npos);
  message.trainer.replace(at, from.size(), to);
  return fault_of(message);
}

/// The fault of a file that SentencePiece would have crashed on.
std::string fault_of_file(const ModelMessage& message) {
  const TemporaryFolder folder;
  const std::string path = folder.write("m.spm", message.bytes());
  const std::string fault = message_of([&] { Subwords::load(path).encode("a b"); });
  REQUIRE(fault.starts_with(path));
  return fault.substr(path.size());
}

TEST_CASE("subword_file: a model is read, and written to the same bytes") {
  const std::string bytes = ModelMessage().bytes();
  const SubwordFile file = parse_subword_file(bytes, "m");
  CHECK(file.model == SubwordModel::unigram);
  CHECK(file.pieces.size() == 263);
  CHECK(file.pieces[3].text == "<unk>");
  CHECK(file.pieces[261].text == "▁a");
  CHECK(file.pieces[261].score == -1);
  CHECK(to_bytes(file) == bytes);
}

TEST_CASE("subword_file: what older programs let SentencePiece write keeps its bytes") {
  const std::string path = WEFT_TESTS_DIR "/fixtures/models/c8dac90/subwords/last/source.spm";
  const std::string bytes = read_subword_file(path);
  CHECK(to_bytes(parse_subword_file(bytes, path)) == bytes);
  const TemporaryFolder folder;
  Subwords::load(path).save(folder.path("again.spm"));
  CHECK(read_subword_file(folder.path("again.spm")) == bytes);
}

TEST_CASE("subword_file: SentencePiece gets no map of characters, however it is hidden") {
  const std::string map = wire::text(2, wire::hostile_charsmap());
  ModelMessage second;
  second.normalizer += map;
  CHECK(fault_of_file(second) ==
        ": normalizer_spec: unexpected field; got field 2; expected the end");
  ModelMessage only;
  only.normalizer = wire::text(1, "identity") + map;
  CHECK(fault_of_file(only).starts_with(
      ": normalizer_spec: precompiled_charsmap: invalid value; got "));
  ModelMessage merged;
  merged.rest = wire::text(3, map);
  CHECK(fault_of_file(merged) == ": unexpected field; got field 3; expected the end");
  ModelMessage denormalizer;
  denormalizer.rest = wire::text(5, map);
  CHECK(fault_of_file(denormalizer) == ": unexpected field; got field 5; expected the end");
}

TEST_CASE("subword_file: pieces are short, whichever of two texts is taken") {
  const std::string text(2'000'000, 'a');
  ModelMessage second;
  second.pieces.back() += wire::text(1, text);
  CHECK(fault_of_file(second) == ": piece 262: unexpected field; got field 1; expected the end");
  ModelMessage only;
  only.pieces.back() = wire::piece(text);
  CHECK(fault_of_file(only).starts_with(": piece 262: piece: wrong text; got 'aaa"));
}

TEST_CASE("subword_file: pieces have texts and scores") {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("a\xFF"), std::string_view("a\0b", 3),
        std::string_view("a b"), std::string_view("\n")}) {
    CHECK(fault_of_piece(wire::piece(text)).starts_with("m: piece 262: piece: wrong text; got '"));
  }
  CHECK(fault_of_piece(wire::piece(std::string(65, 'a'))) ==
        "m: piece 262: piece: wrong text; got '" + std::string(65, 'a') +
            "'; expected 1 to 64 bytes of UTF-8 without white space");
  CHECK(fault_of_piece(wire::piece(std::string(64, 'a'))) == "no error");
  using Limits = std::numeric_limits<float>;
  for (const float score : {Limits::quiet_NaN(), -Limits::infinity(), Limits::max()}) {
    CHECK(fault_of_piece(wire::piece("a", score)).starts_with("m: piece 262: score: out of range"));
  }
  CHECK(fault_of_piece(wire::text(1, "a")) ==
        "m: piece 262: unexpected field; got the end; expected field 2, score");
  CHECK(fault_of_piece(wire::piece("a") + wire::number(3, 4)) ==  // "defined by the user"
        "m: piece 262: unexpected field; got field 3; expected the end");
  CHECK(fault_of_piece(wire::piece("▁a")) == "m: a piece stands twice; got ▁a");
  CHECK(fault_of_piece(wire::piece("<0x41>")) == "m: a piece stands twice; got <0x41>");
}

TEST_CASE("subword_file: special tokens and bytes come first") {
  ModelMessage message;
  std::swap(message.pieces[0], message.pieces[1]);
  CHECK(fault_of(message) ==
        "m: piece 0: not the one of every model; got \\x0A\\x05<bos>\\x15\\x00\\x00\\x00\\x00"
        "\\x18\\x03; expected <pad> of type 3 and score 0");
  for (const std::string& other :
       {wire::piece("<0xFF>", 0), wire::piece("<0xFF>", 0) + wire::number(3, 5),
        wire::piece("<0xFF>", 1) + wire::number(3, 6), wire::piece("<0xff>", 0)}) {
    message = {};
    message.pieces[259] = other;
    CHECK(fault_of(message).ends_with("expected <0xFF> of type 6 and score 0"));
  }
  message = {};
  message.pieces.resize(260);
  CHECK(fault_of(message) == "m: too few pieces; got 260; expected more than 260");
  CHECK(fault_of(std::string()) == "m: too few pieces; got 0; expected more than 260");
}

TEST_CASE("subword_file: the settings are those of weft train") {
  CHECK(fault_of_trainer(wire::number(3, 1), wire::number(3, 2)) == "no error");  // bpe
  CHECK(fault_of_trainer(wire::number(3, 1), wire::number(3, 3)) ==
        "m: trainer_spec: model_type: invalid value; got 3; expected 1 or 2");
  CHECK(fault_of_trainer(wire::number(4, 263), wire::number(4, 1)) ==
        "m: trainer_spec: vocab_size: invalid value; got 1; expected 263");
  CHECK(fault_of_trainer(wire::real(10, 1), wire::real(10, 0.5)) ==
        "m: trainer_spec: character_coverage: invalid value; got 0.5; expected 1");
  CHECK(fault_of_trainer(wire::number(35, 1), "") ==
        "m: trainer_spec: unexpected field; got field 40; expected field 35, byte_fallback");
  CHECK(fault_of_trainer(wire::number(40, 3), wire::number(40, ~std::uint64_t{0})) ==
        "m: trainer_spec: unk_id: invalid value; got 18446744073709551615; expected 3");
  CHECK(fault_of_trainer(wire::text(45, "<unk>"), wire::text(45, "<uñk>")) ==
        "m: trainer_spec: unk_piece: invalid value; got <uñk>; expected <unk>");
  CHECK(fault_of_trainer(wire::text(48, "<pad>"), wire::text(48, "<pad>") + wire::number(24, 1)) ==
        "m: trainer_spec: unexpected field; got field 24; expected the end");
  ModelMessage message;
  message.normalizer = wire::text(1, "nmt_nfkc") + wire::text(2, "");
  CHECK(fault_of(message) ==
        "m: normalizer_spec: name: invalid value; got nmt_nfkc; expected identity");
  message.normalizer = wire::text(1, "identity") + wire::text(2, "") + wire::number(3, 0);
  CHECK(fault_of(message) == "m: normalizer_spec: unexpected field; got field 3; expected the end");
}

TEST_CASE("subword_file: nothing stands behind the settings") {
  for (const std::string& rest :
       {wire::text(1, wire::piece("late")), wire::text(2, ""), wire::text(4, ""), wire::text(5, ""),
        wire::number(6, 0), std::string("\x33\x34"), std::string("\0", 1)}) {
    ModelMessage message;
    message.rest = rest;
    CHECK(fault_of(message).starts_with("m: unexpected field; got field "));
  }
}

TEST_CASE("subword_file: a file with a wrong byte is refused, or is another model to the byte") {
  const std::string good = ModelMessage().bytes();
  for (std::size_t at = 0; at < good.size(); ++at) {
    CHECK(fault_of(good.substr(0, at)) != "no error");
    for (const char flip : {'\x01', '\x08', '\x80'}) {
      std::string bytes = good;
      bytes[at] ^= flip;
      try {
        const SubwordFile file = parse_subword_file(bytes, "m");
        CHECK(to_bytes(file) == bytes);
      } catch (const Error&) {
        continue;
      }
    }
  }
}

}  // namespace
}  // namespace weft::data
