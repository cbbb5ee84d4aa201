#include "data/text/subword_file.hpp"

#include <cstdint>
#include <fstream>
#include <optional>
#include <unordered_set>

#include "autograd/error.hpp"
#include "autograd/printable.hpp"
#include "data/text/utf8.hpp"
#include "data/text/vocabulary.hpp"

// The message is sentencepiece.ModelProto: field 1 holds the pieces (text in their field 1), field
// 3 the normalizer (its character map in field 2). A field is a varint, 8 or 4 bytes, or a length
// and as many bytes (https://protobuf.dev/programming-guides/encoding).
namespace weft::data {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;
constexpr std::size_t kMaxPieceBytes = 1000;  // SentencePiece learns none of more than 16 letters
constexpr std::uint64_t kPieces = 1;
constexpr std::uint64_t kPieceText = 1;
constexpr std::uint64_t kNormalizer = 3;
constexpr std::uint64_t kCharacterMap = 2;

struct Field {
  std::uint64_t number;
  std::string_view bytes;  // of a field with a length, else empty
};

/// Reads a message field by field.
class Message {
 public:
  Message(std::string_view bytes, const std::string& where) : rest_(bytes), where_(where) {}

  std::optional<Field> next() {
    if (rest_.empty()) {
      return std::nullopt;
    }
    const std::uint64_t key = varint();
    switch (key & 7) {
      case 0:
        varint();
        return Field{key >> 3, {}};
      case 1:
        take(8);
        return Field{key >> 3, {}};
      case 2:
        return Field{key >> 3, take(varint())};
      case 5:
        take(4);
        return Field{key >> 3, {}};
      default:
        damaged();
    }
  }

 private:
  [[noreturn]] void damaged() const {
    fail("{}: no SentencePiece model; hint: the file is damaged", where_);
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<unsigned char>(take(1)[0]);
      value |= std::uint64_t{byte & 127U} << shift;
      if (byte < 128) {
        return value;
      }
    }
    damaged();
  }

  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) {
      damaged();
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest_;
  const std::string& where_;
};

/// The bytes of a message's field with this number, empty without one.
std::string_view find(std::string_view message, std::uint64_t number, const std::string& where) {
  Message fields(message, where);
  while (const std::optional<Field> field = fields.next()) {
    if (field->number == number) {
      return field->bytes;
    }
  }
  return {};
}

}  // namespace

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

void check_subword_file(std::string_view bytes, const std::string& where) {
  const Vocabulary specials;
  std::unordered_set<std::string_view> seen;
  Message model(bytes, where);
  while (const std::optional<Field> field = model.next()) {
    if (field->number == kNormalizer && !find(field->bytes, kCharacterMap, where).empty()) {
      fail("{}: the model normalizes text; expected one that weft train made", where);
    }
    if (field->number != kPieces) {
      continue;
    }
    const std::string_view piece = find(field->bytes, kPieceText, where);
    if (piece.empty() || piece.size() > kMaxPieceBytes || find_invalid_utf8(piece)) {
      fail("{}: piece {} is no text of 1 to {} bytes", where, seen.size(), kMaxPieceBytes);
    }
    const auto id = static_cast<std::int64_t>(seen.size());
    if (id < kSpecials && piece != specials.token(id)) {
      fail("{}: piece {} is not the special token; got {}; expected {}", where, id, piece,
           specials.token(id));
    }
    if (!seen.insert(piece).second) {
      fail("{}: a piece stands twice; got {}", where, piece);
    }
  }
  if (std::ssize(seen) <= kSpecials) {
    fail("{}: a model without pieces; got {}", where, seen.size());
  }
}

}  // namespace weft::data
