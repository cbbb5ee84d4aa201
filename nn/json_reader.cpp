#include "nn/json_reader.hpp"

#include <array>
#include <utility>

#include "autograd/error.hpp"
#include "autograd/printable.hpp"

namespace weft::nn {
namespace {

bool is_digit(char c) { return '0' <= c && c <= '9'; }

/// Appends a character as UTF-8.
void append_utf8(std::string& text, unsigned character) {
  const auto add = [&](unsigned byte) { text += static_cast<char>(byte); };
  if (character < 0x80) {
    add(character);
  } else if (character < 0x800) {
    add(0xC0 | character >> 6);
    add(0x80 | (character & 0x3F));
  } else if (character < 0x10000) {
    add(0xE0 | character >> 12);
    add(0x80 | (character >> 6 & 0x3F));
    add(0x80 | (character & 0x3F));
  } else {
    add(0xF0 | character >> 18);
    add(0x80 | (character >> 12 & 0x3F));
    add(0x80 | (character >> 6 & 0x3F));
    add(0x80 | (character & 0x3F));
  }
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::string_view where) : text_(text), where_(where) {
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    fail("{} is not valid JSON; got a NUL byte", where);
  }
  if (const auto bad = find_invalid_utf8(text)) {
    at_ = *bad;
    reject();
  }
}

JsonReader::Value JsonReader::value() {
  skip_space();
  const std::size_t begin = at_;
  const Kind kind = read(peek());
  at_begin_ = kind == Kind::object || kind == Kind::array;
  return {kind, text_.substr(begin, at_ - begin)};
}

bool JsonReader::field(std::string& name) {
  if (!more('}')) {
    return false;
  }
  skip_space();
  read_string(name);
  skip_space();
  if (!skip(':')) {
    reject();
  }
  return true;
}

void JsonReader::end() {
  skip_space();
  if (at_ < text_.size()) {
    reject();
  }
}

bool JsonReader::skip(char c) {
  if (peek() != c) {
    return false;
  }
  ++at_;
  return true;
}

void JsonReader::skip_space() {
  while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') {
    ++at_;
  }
}

/// Whether an object or an array continues; consumes the comma, or `close` at the end.
bool JsonReader::more(char close) {
  skip_space();
  const bool at_begin = std::exchange(at_begin_, false);
  if (skip(close)) {
    return false;
  }
  if (!at_begin && !skip(',')) {
    reject();
  }
  return true;
}

JsonReader::Kind JsonReader::read(char first) {
  switch (first) {
    case '{':
      ++at_;
      return Kind::object;
    case '[':
      ++at_;
      return Kind::array;
    case '"':
      read_string(string_);
      return Kind::string;
    case 't':
      return read_word("true", Kind::boolean);
    case 'f':
      return read_word("false", Kind::boolean);
    case 'n':
      return read_word("null", Kind::null);
    default:
      return read_number();
  }
}

JsonReader::Kind JsonReader::read_word(std::string_view word, Kind kind) {
  if (!text_.substr(at_).starts_with(word)) {
    reject();
  }
  at_ += word.size();
  return kind;
}

// -? (0 | [1-9] [0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
JsonReader::Kind JsonReader::read_number() {
  Kind kind = Kind::integer;
  skip('-');
  if (!skip('0')) {
    read_digits();
  }
  if (skip('.')) {
    read_digits();
    kind = Kind::number;
  }
  if (skip('e') || skip('E')) {
    if (!skip('+')) {
      skip('-');
    }
    read_digits();
    kind = Kind::number;
  }
  return kind;
}

void JsonReader::read_digits() {
  if (!is_digit(peek())) {
    reject();
  }
  while (is_digit(peek())) {
    ++at_;
  }
}

void JsonReader::read_string(std::string& content) {
  content.clear();
  if (!skip('"')) {
    reject();
  }
  while (!skip('"')) {
    const std::size_t begin = at_;
    while (static_cast<unsigned char>(peek()) >= 0x20 && peek() != '"' && peek() != '\\') {
      ++at_;
    }
    content += text_.substr(begin, at_ - begin);
    if (skip('\\')) {
      read_escape(content);
    } else if (peek() != '"') {
      reject();  // a control character, or the end of the text
    }
  }
}

void JsonReader::read_escape(std::string& content) {
  constexpr std::array<std::pair<char, char>, 8> kEscapes = {{{'"', '"'},
                                                              {'\\', '\\'},
                                                              {'/', '/'},
                                                              {'b', '\b'},
                                                              {'f', '\f'},
                                                              {'n', '\n'},
                                                              {'r', '\r'},
                                                              {'t', '\t'}}};
  for (const auto& [name, character] : kEscapes) {
    if (skip(name)) {
      content += character;
      return;
    }
  }
  unsigned character = read_hex_digits();
  if (0xD800 <= character && character < 0xDC00) {  // a high surrogate
    if (!skip('\\')) {
      reject();
    }
    const unsigned second = read_hex_digits();
    if (second < 0xDC00 || second > 0xDFFF) {
      reject();
    }
    character = 0x10000 + ((character - 0xD800) << 10) + (second - 0xDC00);
  } else if (0xDC00 <= character && character < 0xE000) {
    reject();
  }
  append_utf8(content, character);
}

/// `u` and four digits.
unsigned JsonReader::read_hex_digits() {
  if (!skip('u')) {
    reject();
  }
  unsigned number = 0;
  for (int digit = 0; digit < 4; ++digit) {
    const char c = peek();
    const unsigned value = is_digit(c)            ? static_cast<unsigned>(c - '0')
                           : 'a' <= c && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                           : 'A' <= c && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10)
                                                  : 16;
    if (value == 16) {
      reject();
    }
    number = number * 16 + value;
    ++at_;
  }
  return number;
}

void JsonReader::reject() const {
  fail("{} is not valid JSON at byte {}; got {}", where_, at_ + 1,
       at_ < text_.size() ? fmt::format("'{}'", printable(text_.substr(at_))) : "its end");
}

}  // namespace weft::nn
