#include "models/files/safetensors_header.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "models/files/json.hpp"

// The format: https://github.com/huggingface/safetensors#format

namespace weft::models {
namespace {

constexpr std::string_view kMetadata = "__metadata__";
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

// Takes the events of nlohmann's parser. The header has a fixed form, so that the place where the
// parser stands says which event may come; any other is an error.
class HeaderParser {
 public:
  explicit HeaderParser(const std::string& where) : where_(where) {}

  SafetensorsHeader take() { return std::move(header_); }

  bool null() { return reject("null"); }
  bool boolean(bool /*value*/) { return reject("true or false"); }
  bool number_integer(std::int64_t value) { return reject(fmt::format("{}", value)); }
  bool number_float(double /*value*/, const std::string& text) { return reject(printable(text)); }
  bool binary(Json::binary_t& /*value*/) { return reject("binary data"); }

  bool number_unsigned(std::uint64_t value) {
    if (place_ == Place::shape && std::in_range<std::int64_t>(value)) {
      header_.entries.back().shape.push_back(static_cast<std::int64_t>(value));
      return header_.entries.back().shape.size() <= kMaxRank || reject("too many dimensions");
    }
    if (place_ == Place::offsets && offsets_.size() < 2) {
      offsets_.push_back(value);
      return true;
    }
    return reject(fmt::format("{}", value));
  }

  bool string(std::string& value) {
    if (place_ == Place::metadata) {
      header_.metadata[field_] = std::move(value);
      return true;
    }
    if (place_ != Place::tensor || field_ != "dtype") {
      return reject("a string");
    }
    const auto found =
        std::ranges::find(kDtypes, value, [](const auto& pair) { return pair.first; });
    if (found == kDtypes.end()) {
      fail("{}: dtype is not supported; got '{}'; expected F32, F64, I64 or BOOL", subject(),
           printable(value));
    }
    header_.entries.back().dtype = found->second;
    return true;
  }

  bool start_object(std::size_t /*size*/) {
    if (place_ == Place::outside) {
      place_ = Place::header;
    } else if (place_ == Place::header) {
      const bool is_metadata = name_ == kMetadata;
      place_ = is_metadata ? Place::metadata : Place::tensor;
      if (!is_metadata) {
        header_.entries.push_back({.name = name_, .shape = {}});
      }
    } else {
      return reject("an object");
    }
    return true;
  }

  bool key(std::string& key) {
    std::string& place = place_ == Place::header ? name_ : field_;
    std::set<std::string>& seen = place_ == Place::header ? names_ : fields_;
    place = std::move(key);
    if (!seen.insert(place).second) {
      fail("{}: occurs twice", subject());
    }
    if (place_ == Place::tensor && place != "dtype" && place != "shape" &&
        place != "data_offsets") {
      fail("{}: unknown field; expected dtype, shape and data_offsets", subject());
    }
    return true;
  }

  bool end_object() {
    if (place_ == Place::tensor) {
      finish_tensor();
    }
    place_ = place_ == Place::header ? Place::outside : Place::header;
    fields_.clear();
    field_.clear();
    return true;
  }

  bool start_array(std::size_t /*size*/) {
    if (place_ != Place::tensor || field_ == "dtype") {
      return reject("an array");
    }
    place_ = field_ == "shape" ? Place::shape : Place::offsets;
    return true;
  }

  bool end_array() {
    place_ = Place::tensor;
    return true;
  }

  bool parse_error(std::size_t position, const std::string& last_token,
                   const Json::exception& /*error*/) {
    fail("{}: header is not valid JSON at byte {}; got '{}'", where_, position,
         printable(last_token));
  }

 private:
  enum class Place { outside, header, metadata, tensor, shape, offsets };

  // The part of the header that the parser is in, as errors name it.
  std::string subject() const {
    if (name_.empty() && place_ != Place::tensor) {
      return where_ + ": header";
    }
    const std::string part =
        name_ == kMetadata ? std::string(kMetadata) : fmt::format("tensor '{}'", printable(name_));
    return field_.empty() ? fmt::format("{}: {}", where_, part)
                          : fmt::format("{}: {}: {}", where_, part, printable(field_));
  }

  std::string_view expected() const {
    switch (place_) {
      case Place::outside:
      case Place::header:
        return "an object";
      case Place::metadata:
        return "a string";
      case Place::tensor:
        return field_ == "dtype" ? "a string" : "an array";
      case Place::shape:
        return "at most 64 integers in [0, 2^63)";
      case Place::offsets:
        return "two integers in [0, 2^64)";
    }
    return "";
  }

  bool reject(std::string_view got) const {
    fail("{}: wrong value; got {}; expected {}", subject(), got, expected());
  }

  void finish_tensor() {
    for (const char* const field : {"dtype", "shape", "data_offsets"}) {
      if (!fields_.contains(field)) {
        field_.clear();
        fail("{}: {} is missing", subject(), field);
      }
    }
    if (offsets_.size() != 2) {
      field_ = "data_offsets";
      fail("{}: wrong value; got {} integers; expected two", subject(), offsets_.size());
    }
    header_.entries.back().begin = offsets_[0];
    header_.entries.back().end = offsets_[1];
    offsets_.clear();
  }

  const std::string& where_;
  SafetensorsHeader header_;
  Place place_ = Place::outside;
  std::string name_;              // of the tensor, or kMetadata
  std::string field_;             // of the tensor or of the metadata
  std::set<std::string> names_;   // seen in the header
  std::set<std::string> fields_;  // seen in the tensor or the metadata
  std::vector<std::uint64_t> offsets_;
};

// The bytes of a tensor; nothing if they exceed 64 bits.
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

// The data of the sorted entries follow each other without holes or overlaps, up to the end.
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

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, std::uint64_t data_bytes,
                                           const std::string& where) {
  if (!text.starts_with('{')) {
    fail("{}: header does not begin with '{{'; hint: not a safetensors file?", where);
  }
  // nlohmann's parser takes a NUL byte for the end of the text.
  if (text.find('\0') != std::string_view::npos) {
    fail("{}: header is not valid JSON; got a NUL byte", where);
  }
  HeaderParser parser(where);
  Json::sax_parse(text, &parser);
  SafetensorsHeader header = parser.take();
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
  Json json = Json::object();
  if (!header.metadata.empty()) {
    json[std::string(kMetadata)] = header.metadata;
  }
  for (const SafetensorsEntry& entry : header.entries) {
    json[entry.name] = {{"dtype", format_name(entry.dtype)},
                        {"shape", entry.shape},
                        {"data_offsets", {entry.begin, entry.end}}};
  }
  std::string text = json.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace weft::models
