#include "data/text/subword_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <optional>
#include <span>
#include <variant>

#include "autograd/error.hpp"
#include "autograd/printable.hpp"
#include "data/text/vocabulary.hpp"
#include "data/text/wire.hpp"

// The file is a ModelProto as defined in SentencePiece's sentencepiece_model.proto, which gives the
// names and numbers of the fields below. Fields that weft does not write are rejected.
namespace weft::data {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 28;
constexpr std::size_t kMaxPieceBytes = 64;  // SentencePiece learns pieces of at most 16 characters
constexpr float kMaxScore = 1e7F;           // keeps sums of scores finite
constexpr std::uint64_t kLongestLine = 1 << 20;  // bytes; training ignores longer ones

constexpr std::int64_t kFirstLearnt = kSpecials + kBytePieces;

constexpr WireField kPieces{1, "pieces"};
constexpr WireField kTrainerSpec{2, "trainer_spec"};
constexpr WireField kNormalizerSpec{3, "normalizer_spec"};

constexpr WireField kPiece{1, "piece"};
constexpr WireField kScore{2, "score"};
constexpr WireField kType{3, "type"};
constexpr std::uint64_t kUnknown = 2;
constexpr std::uint64_t kControl = 3;
constexpr std::uint64_t kByte = 6;

constexpr WireField kModelType{3, "model_type"};

/// A field with a known value. Its name is also that of SentencePiece's argument.
struct Setting {
  WireField field;
  std::variant<std::uint64_t, float, std::string_view> value;
};

/// The fields of trainer_spec that follow model_type. One thread, because sums over several threads
/// would depend on their number.
auto trainer_settings(std::uint64_t vocab_size) {
  return std::to_array<Setting>({
      {{4, "vocab_size"}, vocab_size},
      {{10, "character_coverage"}, 1.0F},
      {{16, "num_threads"}, std::uint64_t{1}},
      {{18, "max_sentence_length"}, kLongestLine},
      {{33, "hard_vocab_limit"}, std::uint64_t{0}},
      {{35, "byte_fallback"}, std::uint64_t{1}},
      {{40, "unk_id"}, std::uint64_t{kUnk}},
      {{41, "bos_id"}, std::uint64_t{kBos}},
      {{42, "eos_id"}, std::uint64_t{kEos}},
      {{43, "pad_id"}, std::uint64_t{kPad}},
      {{45, "unk_piece"}, "<unk>"},
      {{46, "bos_piece"}, "<bos>"},
      {{47, "eos_piece"}, "<eos>"},
      {{48, "pad_piece"}, "<pad>"},
  });
}

/// Weft normalizes the text itself, so there is no character map.
auto normalizer_settings() {
  return std::to_array<Setting>({
      {{1, "name"}, "identity"},
      {{2, "precompiled_charsmap"}, ""},
  });
}

std::uint64_t model_type(SubwordModel model) { return model == SubwordModel::unigram ? 1 : 2; }

/// The type of a piece, absent for ordinary pieces.
std::optional<std::uint64_t> type_of(std::int64_t id) {
  if (id >= kFirstLearnt) {
    return std::nullopt;
  }
  if (id >= kSpecials) {
    return kByte;
  }
  return id == kUnk ? kUnknown : kControl;
}

/// The text of a piece that every model contains.
std::string given_text(std::int64_t id) {
  return id < kSpecials ? Vocabulary().token(id) : fmt::format("<0x{:02X}>", id - kSpecials);
}

std::string piece_bytes(const SubwordPiece& piece, std::int64_t id) {
  std::string bytes;
  put(bytes, kPiece, std::string_view(piece.text));
  put(bytes, kScore, piece.score);
  if (const std::optional<std::uint64_t> type = type_of(id)) {
    put(bytes, kType, *type);
  }
  return bytes;
}

SubwordPiece parse_given_piece(std::string_view bytes, std::int64_t id, const std::string& where) {
  SubwordPiece piece{given_text(id), 0};
  if (bytes != piece_bytes(piece, id)) {
    fail("{}: not the one of every model; got {}; expected {} of type {} and score 0", where,
         printable(bytes), piece.text, *type_of(id));
  }
  return piece;
}

SubwordPiece parse_learnt_piece(std::string_view bytes, const std::string& where) {
  WireReader message(bytes, where);
  constexpr std::string_view kNotInPieces("\0\t\n\v\f\r ", 7);
  std::string_view text;
  message.read(kPiece, text);
  if (text.empty() || text.size() > kMaxPieceBytes || find_invalid_utf8(text) ||
      text.find_first_of(kNotInPieces) != std::string_view::npos) {
    fail("{}: {}: wrong text; got '{}'; expected 1 to {} bytes of UTF-8 without white space", where,
         kPiece.name, printable(text), kMaxPieceBytes);
  }
  float score = 0;
  message.read(kScore, score);
  if (!(std::abs(score) <= kMaxScore)) {
    fail("{}: {}: out of range; got {}; expected a number in [{}, {}]", where, kScore.name, score,
         -kMaxScore, kMaxScore);
  }
  message.end();
  return {std::string(text), score};
}

/// Finds duplicates by sorting, whose cost no crafted input can blow up.
void check_unique(const std::vector<SubwordPiece>& pieces, const std::string& where) {
  std::vector<std::string_view> texts(pieces.size());
  std::ranges::transform(pieces, texts.begin(), &SubwordPiece::text);
  std::ranges::sort(texts);
  if (const auto twice = std::ranges::adjacent_find(texts); twice != texts.end()) {
    fail("{}: a piece stands twice; got {}", where, printable(*twice));
  }
}

std::vector<SubwordPiece> parse_pieces(WireReader& model) {
  const std::string& where = model.where();
  std::vector<SubwordPiece> pieces;
  while (model.next_is(kPieces)) {
    const std::int64_t id = std::ssize(pieces);
    if (id == kMaxSubwords) {
      fail("{}: too many pieces; expected at most {}", where, kMaxSubwords);
    }
    std::string_view bytes;
    model.read(kPieces, bytes);
    const std::string here = fmt::format("{}: piece {}", where, id);
    pieces.push_back(id < kFirstLearnt ? parse_given_piece(bytes, id, here)
                                       : parse_learnt_piece(bytes, here));
  }
  if (std::ssize(pieces) <= kFirstLearnt) {
    fail("{}: too few pieces; got {}; expected more than {}", where, pieces.size(), kFirstLearnt);
  }
  check_unique(pieces, where);
  return pieces;
}

SubwordModel parse_model_type(WireReader& trainer) {
  std::uint64_t type = 0;
  trainer.read(kModelType, type);
  for (const SubwordModel model : {SubwordModel::unigram, SubwordModel::bpe}) {
    if (type == model_type(model)) {
      return model;
    }
  }
  fail("{}: {}: invalid value; got {}; expected {} or {}", trainer.where(), kModelType.name, type,
       model_type(SubwordModel::unigram), model_type(SubwordModel::bpe));
}

/// The message with exactly these fields.
std::string settings_bytes(std::span<const Setting> settings) {
  std::string bytes;
  for (const Setting& setting : settings) {
    std::visit([&](const auto& value) { put(bytes, setting.field, value); }, setting.value);
  }
  return bytes;
}

/// Throws Error unless the rest of the message consists of exactly these fields.
void parse_settings(WireReader& message, std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    const auto expect = [&](const auto& expected) {
      auto got = expected;
      message.read(setting.field, got);
      if (got != expected) {
        fail("{}: {}: invalid value; got {}; expected {}", message.where(), setting.field.name,
             printable(fmt::format("{}", got)), expected);
      }
    };
    std::visit(expect, setting.value);
  }
  message.end();
}

}  // namespace

std::unordered_map<std::string, std::string> trainer_arguments(const SubwordOptions& options) {
  const auto vocab_size = static_cast<std::uint64_t>(std::min(options.vocab_size, kMaxSubwords));
  std::unordered_map<std::string, std::string> arguments = {
      {std::string(kModelType.name), std::string(name(options.model))},
      {"normalization_rule_name", "identity"},
      {"minloglevel", kMinLogLevel}};
  for (const auto& [field, value] : trainer_settings(vocab_size)) {
    arguments[std::string(field.name)] =
        std::visit([](const auto& x) { return fmt::format("{}", x); }, value);
  }
  return arguments;
}

std::string to_bytes(const SubwordFile& file) {
  std::string bytes;
  for (std::int64_t id = 0; id < std::ssize(file.pieces); ++id) {
    put(bytes, kPieces, piece_bytes(file.pieces[id], id));
  }
  std::string trainer;
  put(trainer, kModelType, model_type(file.model));
  trainer += settings_bytes(trainer_settings(file.pieces.size()));
  put(bytes, kTrainerSpec, trainer);
  put(bytes, kNormalizerSpec, settings_bytes(normalizer_settings()));
  return bytes;
}

SubwordFile parse_subword_file(std::string_view bytes, const std::string& where) {
  WireReader model(bytes, where);
  SubwordFile file;
  file.pieces = parse_pieces(model);
  std::string_view spec;
  model.read(kTrainerSpec, spec);
  WireReader trainer(spec, where + ": trainer_spec");
  file.model = parse_model_type(trainer);
  parse_settings(trainer, trainer_settings(file.pieces.size()));
  model.read(kNormalizerSpec, spec);
  WireReader normalizer(spec, where + ": normalizer_spec");
  parse_settings(normalizer, normalizer_settings());
  model.end();
  return file;
}

std::string read_subword_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
  if (size < 0) {
    fail("{}: cannot read the file", path);
  }
  if (static_cast<std::uint64_t>(size) > kMaxFileBytes) {
    fail("{}: too large for a SentencePiece model; got {} bytes; expected at most {}", path, size,
         kMaxFileBytes);
  }
  std::string bytes(static_cast<std::size_t>(size), '\0');
  file.seekg(0);
  if (!file.read(bytes.data(), size)) {
    fail("{}: cannot read the file", path);
  }
  return bytes;
}

}  // namespace weft::data
