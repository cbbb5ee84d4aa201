#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// The part of the Protocol Buffers wire format that SentencePiece's models use:
/// https://protobuf.dev/programming-guides/encoding
namespace weft::data {

/// A field of a message.
struct WireField {
  std::uint64_t number;   ///< its number in the message
  std::string_view name;  ///< its name in error messages
};

/// Appends an integer field, encoded as a varint.
void put(std::string& message, const WireField& field, std::uint64_t value);
/// Appends a float field of four bytes.
void put(std::string& message, const WireField& field, float value);
/// Appends a field of bytes: text or an embedded message.
void put(std::string& message, const WireField& field, std::string_view value);

/// Reads a message from an untrusted source. Accepts only what `put` writes: each field where the
/// caller expects it, of the expected type, in its shortest encoding. The format itself allows much
/// more: fields in any order, repeated fields (of which readers keep the last, the first or all),
/// unknown fields, groups, padded varints. Anything unexpected is an Error that names the message
/// and the field.
class WireReader {
 public:
  /// Error messages call the message `where`. The bytes must outlive the reader.
  WireReader(std::string_view bytes, std::string where);

  /// The name of the message in error messages.
  const std::string& where() const { return where_; }

  /// Whether this field comes next.
  bool next_is(const WireField& field) const;

  /// Reads an integer.
  void read(const WireField& field, std::uint64_t& value);
  /// Reads a float; NaN and infinity are accepted.
  void read(const WireField& field, float& value);
  /// Reads a field of bytes, as a view into the message.
  void read(const WireField& field, std::string_view& value);

  /// Throws Error unless the message ends here.
  void end() const;

 private:
  void skip_key(const WireField& field, std::uint64_t kind);
  std::uint64_t varint(const WireField& field);
  std::string_view take(const WireField& field, std::uint64_t count);
  std::string next() const;

  std::string_view rest_;
  std::string where_;
};

}  // namespace weft::data
