#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weft::nn {

/// Reads JSON text (RFC 8259) piece by piece, strictly: malformed text, ill-formed UTF-8, a lone
/// surrogate, a NUL byte or anything behind the value is an Error that names the byte. It is for
/// text that is not trusted and whose form the caller knows: it keeps nothing, and goes as deep as
/// the caller asks it to.
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
  /// What a value is. An integer is written without a fraction or an exponent.
  enum class Kind { object, array, string, integer, number, boolean, null };

  /// A value; of an object or an array, its begin.
  struct Value {
    Kind kind;              ///< of the value
    std::string_view text;  ///< as it stands there; of a string, with its quotes and escapes
  };

  /// Errors call the text `where`. Both have to outlive the reader.
  JsonReader(std::string_view text, std::string_view where);

  /// The next value. An object or an array is then to be read to its end by `field` or `element`.
  Value value();
  /// The content of the string that `value` read last.
  const std::string& string() const { return string_; }
  /// Reads the name of the next field of the object that is open; its value follows. False at the
  /// end of the object.
  bool field(std::string& name);
  /// Whether there is a next element in the array that is open; it follows. False at its end.
  bool element() { return more(']'); }
  /// Throws Error unless nothing but white space follows.
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
