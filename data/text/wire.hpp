#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// The wire format of Protocol Buffers, as far as SentencePiece's models need it:
/// https://protobuf.dev/programming-guides/encoding
namespace weft::data {

/// A field of a message.
struct WireField {
  std::uint64_t number;   ///< its key in the message
  std::string_view name;  ///< what errors call it
};

/// Appends a field to a message: an integer as a varint.
void put(std::string& message, const WireField& field, std::uint64_t value);
/// Appends a float, in four bytes.
void put(std::string& message, const WireField& field, float value);
/// Appends bytes: a text, or a message in the message.
void put(std::string& message, const WireField& field, std::string_view value);

/// Reads a message from a source that is not trusted, and takes nothing but what `put` writes: each
/// field where the caller expects it, of its kind, in the fewest bytes. The format itself allows
/// much more, of which readers keep the last, the first or all: fields in any order, several
/// times, unknown ones, groups, padded numbers. Whatever is not as expected is an Error that names
/// the message and the field.
class WireReader {
 public:
  /// Errors call the message `where`. The bytes must outlive the reader.
  WireReader(std::string_view bytes, std::string where);

  /// What errors call the message.
  const std::string& where() const { return where_; }

  /// Whether bytes of this field come next.
  bool next_is(const WireField& field) const;

  /// Reads an integer.
  void read(const WireField& field, std::uint64_t& value);
  /// Reads a float, of any value.
  void read(const WireField& field, float& value);
  /// Reads bytes, which are those of the message.
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
