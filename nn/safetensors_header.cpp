#include "nn/safetensors_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <tuple>
#include <utility>

#include "autograd/printable.hpp"
#include "nn/json_reader.hpp"

// The format: https://github.com/huggingface/safetensors#format

namespace weft::nn {
namespace {

constexpr std::string_view kMetadata = "__metadata__";
constexpr std::array<std::string_view, 3> kFields = {"dtype", "shape", "data_offsets"};
constexpr std::size_t kMaxRank = 64;

constexpr std::array<std::pair<std::string_view, DType>, 4> kDtypes = {{
    {"F32", DType::float32},
    {"F64", DType::float64},
    {"I64", DType::int64},
    {"BOOL", DType::boolean},
}};

std::string_view format_name(DType dtype) {
  return std::ranges::find(kDtypes, dtype, [](const auto& pair) { return pair.second; })->first;
}

/// How error messages describe an unexpected value.
std::string in_words(const JsonReader::Value& value) {
  switch (value.kind) {
    case JsonReader::Kind::object:
      return "an object";
    case JsonReader::Kind::array:
      return "an array";
    case JsonReader::Kind::string:
      return "a string";
    case JsonReader::Kind::boolean:
      return "true or false";
    default:
      return printable(value.text);
  }
}

/// The value as a number in [0, 2^64); empty if it is not one.
std::optional<std::uint64_t> natural_number(const JsonReader::Value& value) {
  std::uint64_t number = 0;
  const char* const end = value.text.data() + value.text.size();
  const bool good = value.kind == JsonReader::Kind::integer &&
                    std::from_chars(value.text.data(), end, number).ec == std::errc();
  return good && value.text[0] != '-' ? std::optional(number) : std::nullopt;
}

/// Parses the header, whose structure is fixed, from top to bottom.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where)
      : where_(where), json_text_(where + ": header"), json_(text, json_text_) {}

  SafetensorsHeader parse() {
    json_.value();  // it begins with {
    bool has_metadata = false;
    while (json_.field(name_)) {
      if (name_ != kMetadata) {
        read_tensor();
      } else if (std::exchange(has_metadata, true)) {
        fail("{}: occurs twice", subject());
      } else {
        read_metadata();
      }
      field_.clear();
    }
    json_.end();
    return std::move(header_);
  }

 private:
  using Kind = JsonReader::Kind;

  /// The part of the header that is being read, for error messages.
  std::string subject() const {
    const std::string part =
        name_ == kMetadata ? std::string(kMetadata) : fmt::format("tensor '{}'", printable(name_));
    return field_.empty() ? fmt::format("{}: {}", where_, part)
                          : fmt::format("{}: {}: {}", where_, part, printable(field_));
  }

  [[noreturn]] void reject(std::string_view got, std::string_view expected) const {
    fail("{}: invalid value; got {}; expected {}", subject(), got, expected);
  }

  void expect(Kind kind, std::string_view expected) {
    if (const JsonReader::Value value = json_.value(); value.kind != kind) {
      reject(in_words(value), expected);
    }
  }

  void read_metadata() {
    expect(Kind::object, "an object");
    while (json_.field(field_)) {
      expect(Kind::string, "a string");
      if (!header_.metadata.try_emplace(field_, json_.string()).second) {
        fail("{}: occurs twice", subject());
      }
    }
  }

  void read_tensor() {
    expect(Kind::object, "an object");
    header_.entries.push_back({.name = name_, .shape = {}});
    std::array<bool, kFields.size()> seen = {};
    while (json_.field(field_)) {
      const auto field = static_cast<std::size_t>(
          std::ranges::find(kFields, std::string_view(field_)) - kFields.begin());
      if (field == kFields.size()) {
        fail("{}: unknown field; expected dtype, shape and data_offsets", subject());
      }
      if (std::exchange(seen[field], true)) {
        fail("{}: occurs twice", subject());
      }
      read_field(header_.entries.back());
    }
    field_.clear();
    if (const auto missing = std::ranges::find(seen, false); missing != seen.end()) {
      fail("{}: {} is missing", subject(), kFields[missing - seen.begin()]);
    }
  }

  void read_field(SafetensorsEntry& entry) {
    if (field_ == "dtype") {
      entry.dtype = read_dtype();
    } else if (field_ == "shape") {
      entry.shape = read_shape();
    } else {
      std::tie(entry.begin, entry.end) = read_offsets();
    }
  }

  DType read_dtype() {
    expect(Kind::string, "a string");
    const std::string& dtype = json_.string();
    const auto found =
        std::ranges::find(kDtypes, dtype, [](const auto& pair) { return pair.first; });
    if (found == kDtypes.end()) {
      fail("{}: dtype is not supported; got '{}'; expected F32, F64, I64 or BOOL", subject(),
           printable(dtype));
    }
    return found->second;
  }

  Shape read_shape() {
    constexpr std::string_view kExpected = "at most 64 integers in [0, 2^63)";
    expect(Kind::array, "an array");
    Shape shape;
    while (json_.element()) {
      const JsonReader::Value value = json_.value();
      const std::optional<std::uint64_t> size = natural_number(value);
      if (!size || !std::in_range<std::int64_t>(*size)) {
        reject(in_words(value), kExpected);
      }
      if (shape.size() == kMaxRank) {
        reject("too many dimensions", kExpected);
      }
      shape.push_back(static_cast<std::int64_t>(*size));
    }
    return shape;
  }

  std::pair<std::uint64_t, std::uint64_t> read_offsets() {
    constexpr std::string_view kExpected = "two integers in [0, 2^64)";
    expect(Kind::array, "an array");
    std::array<std::uint64_t, 2> offsets = {};
    std::size_t count = 0;
    while (json_.element()) {
      const JsonReader::Value value = json_.value();
      const std::optional<std::uint64_t> offset = natural_number(value);
      if (!offset || count == offsets.size()) {
        reject(in_words(value), kExpected);
      }
      offsets[count++] = *offset;
    }
    if (count != offsets.size()) {
      reject(fmt::format("{} integers", count), kExpected);
    }
    return {offsets[0], offsets[1]};
  }

  const std::string& where_;
  std::string json_text_;  // name of the header in the reader's error messages
  JsonReader json_;
  SafetensorsHeader header_;
  std::string name_;   // of the current tensor, or kMetadata
  std::string field_;  // of the current tensor or of the metadata
};

/// Finds duplicate names by sorting, at a cost that no choice of names can make worse.
void check_names(const std::vector<SafetensorsEntry>& entries, const std::string& where) {
  std::vector<std::string_view> names(entries.size());
  std::ranges::transform(entries, names.begin(), &SafetensorsEntry::name);
  std::ranges::sort(names);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
    fail("{}: tensor '{}': occurs twice", where, printable(*twice));
  }
}

// The size of a tensor in bytes; empty if it exceeds 64 bits.
std::optional<std::uint64_t> byte_count(const SafetensorsEntry& entry) {
  std::uint64_t bytes = size_of(entry.dtype);
  for (const std::int64_t size : entry.shape) {
    if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(size), &bytes)) {
      return {};
    }
  }
  return bytes;
}

void check_entry(const SafetensorsEntry& entry, std::uint64_t data_bytes,
                 const std::string& where) {
  const std::string subject = fmt::format("{}: tensor '{}'", where, printable(entry.name));
  if (entry.begin > entry.end) {
    fail("{}: data_offsets run backwards; got [{}, {}]", subject, entry.begin, entry.end);
  }
  if (entry.end > data_bytes) {
    fail("{}: data_offsets out of range; got [{}, {}]; expected end <= {}", subject, entry.begin,
         entry.end, data_bytes);
  }
  const std::optional<std::uint64_t> bytes = byte_count(entry);
  if (!bytes) {
    fail("{}: shape is too large; got {}", subject, entry.shape);
  }
  if (*bytes != entry.end - entry.begin) {
    fail("{}: data_offsets do not fit the shape; got {} bytes; expected {} for {} {}", subject,
         entry.end - entry.begin, *bytes, format_name(entry.dtype), entry.shape);
  }
}

// The data of the sorted entries must be contiguous, without gaps or overlaps, up to the end.
void check_contiguous(const std::vector<SafetensorsEntry>& entries, std::uint64_t data_bytes,
                      const std::string& where) {
  std::uint64_t end = 0;
  for (const SafetensorsEntry& entry : entries) {
    if (entry.begin != end) {
      fail("{}: tensor '{}': data_offsets leave a hole or overlap; got [{}, {}]; expected begin {}",
           where, printable(entry.name), entry.begin, entry.end, end);
    }
    end = entry.end;
  }
  if (end != data_bytes) {
    fail("{}: wrong file size; got {} bytes of data; expected {}", where, data_bytes, end);
  }
}

/// The text as a JSON string.
std::string quoted(std::string_view text) {
  constexpr std::string_view kCharacters = "\"\\\b\f\n\r\t";
  constexpr std::string_view kNames = "\"\\bfnrt";
  std::string result = "\"";
  for (const char c : text) {
    if (const std::size_t i = kCharacters.find(c); i != std::string_view::npos) {
      result += {'\\', kNames[i]};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      result += fmt::format("\\u{:04x}", c);
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string to_text(const std::map<std::string, std::string>& metadata) {
  std::string text;
  for (const auto& [key, value] : metadata) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", quoted(key), quoted(value));
  }
  return '{' + text + '}';
}

std::string to_text(const SafetensorsEntry& entry) {
  return fmt::format(R"({{"data_offsets":[{},{}],"dtype":"{}","shape":[{}]}})", entry.begin,
                     entry.end, format_name(entry.dtype), fmt::join(entry.shape, ","));
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_bytes,
                                           const std::string& where) {
  if (!text.starts_with('{')) {
    fail("{}: header does not begin with '{{'; hint: not a safetensors file?", where);
  }
  SafetensorsHeader header = HeaderParser(text, where).parse();
  check_names(header.entries, where);
  for (const SafetensorsEntry& entry : header.entries) {
    check_entry(entry, data_bytes, where);
  }
  std::ranges::sort(header.entries, {}, [](const SafetensorsEntry& entry) {
    return std::tie(entry.begin, entry.end, entry.name);
  });
  check_contiguous(header.entries, data_bytes, where);
  return header;
}

std::string to_text(const SafetensorsHeader& header) {
  std::map<std::string_view, std::string> fields;  // sorted, so that equal models give equal files
  if (!header.metadata.empty()) {
    fields[kMetadata] = to_text(header.metadata);
  }
  for (const SafetensorsEntry& entry : header.entries) {
    fields[entry.name] = to_text(entry);
  }
  std::string text = "{";
  for (const auto& [name, value] : fields) {
    text += fmt::format("{}{}:{}", text.size() == 1 ? "" : ",", quoted(name), value);
  }
  text += '}';
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace weft::nn
