#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weft::nn {

/// A strict pull parser for JSON text (RFC 8259): malformed text, invalid UTF-8, a lone surrogate,
/// a NUL byte or anything after the value throws an Error that names the byte. Made for untrusted
/// text whose structure the caller knows: it stores nothing, and nests only as deep as the caller
/// reads.
///
///     JsonReader json(text, "config.json");
///     if (json.value().kind == JsonReader::Kind::object) {
///       for (std::string name; json.field(name);) {
///         const JsonReader::Value value = json.value();  // and, if it is an array:
///         while (json.element()) { ... json.value() ... }
///       }
///     }
///     json.end();
class JsonReader {
 public:
  /// The type of a value. An integer is written without a fraction or an exponent.
  enum class Kind { object, array, string, integer, number, boolean, null };

  /// A value; for an object or an array, its beginning.
  struct Value {
    Kind kind;              ///< of the value
    std::string_view text;  ///< as written; for a string, with quotes and escapes
  };

  /// Error messages call the text `where`. Both must outlive the reader.
  JsonReader(std::string_view text, std::string_view where);

  /// Reads the next value. An object or array must then be read to its end with `field` or
  /// `element`.
  Value value();
  /// The content of the last string read by `value`.
  const std::string& string() const { return string_; }
  /// Reads the name of the next field of the current object; its value follows. Returns false at
  /// the end of the object.
  bool field(std::string& name);
  /// Whether the current array has another element, which follows. Returns false at the end of the
  /// array.
  bool element() { return more(']'); }
  /// Throws Error unless only white space follows.
  void end();

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool skip(char c);
  void skip_space();
  bool more(char close);
  Kind read(char first);
  Kind read_word(std::string_view word, Kind kind);
  Kind read_number();
  void read_digits();
  void read_string(std::string& content);
  void read_escape(std::string& content);
  unsigned read_hex_digits();
  [[noreturn]] void reject() const;

  std::string_view text_;
  std::string_view where_;
  std::size_t at_ = 0;
  bool at_begin_ = false;  // of an object or an array
  std::string string_;
};

}  // namespace weft::nn
