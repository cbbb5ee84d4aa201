#include "models/files/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "autograd/error.hpp"
#include "autograd/suggest.hpp"
#include "models/files/file.hpp"

namespace weft::models {
namespace {

constexpr std::size_t kMaxDepth = 64;
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{16} << 20;

// Builds a value from the events of nlohmann's parser, which by itself would accept any depth and
// keep the last of two fields with the same name.
class Builder {
 public:
  Builder(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  Json take() { return std::move(root_); }

  bool null() { return add(nullptr); }
  bool boolean(bool value) { return add(value); }
  bool number_integer(std::int64_t value) { return add(value); }
  bool number_unsigned(std::uint64_t value) { return add(value); }
  bool number_float(double value, const std::string& /*text*/) { return add(value); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(Json::binary_t& /*value*/) { return false; }  // JSON text has none

  bool start_object(std::size_t /*size*/) { return open(Json::object()); }
  bool start_array(std::size_t /*size*/) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool key(std::string& name) {
    if (open_.back()->contains(name)) {
      fail("{}: field '{}' occurs twice", where_, printable(name));
    }
    field_ = std::move(name);
    return true;
  }

  bool parse_error(std::size_t position, const std::string& last_token,
                   const Json::exception& /*error*/) {
    const std::size_t end = std::min(position, text_.size());
    const auto line = 1 + std::ranges::count(text_.substr(0, end), '\n');
    fail("{}:{}: not valid JSON; got '{}'", where_, line, printable(last_token));
  }

 private:
  bool add(Json value) {
    place(std::move(value));
    return true;
  }

  bool open(Json container) {
    if (open_.size() == kMaxDepth) {
      fail("{}: nested too deeply; expected at most {} levels", where_, kMaxDepth);
    }
    open_.push_back(&place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  // Adds a value at the parser's position and returns it there. Open containers do not move:
  // nothing is added to the enclosing one in the meantime.
  Json& place(Json value) {
    if (open_.empty()) {
      return root_ = std::move(value);
    }
    if (open_.back()->is_array()) {
      return open_.back()->emplace_back(std::move(value));
    }
    return (*open_.back())[field_] = std::move(value);
  }

  std::string_view text_;
  const std::string& where_;
  Json root_;
  std::vector<Json*> open_;
  std::string field_;
};

bool holds_only_finite_numbers(const Json& json) {
  if (json.is_structured()) {
    return std::ranges::all_of(json, holds_only_finite_numbers);
  }
  return !json.is_number_float() || std::isfinite(json.get<double>());
}

}  // namespace

Json parse_json_strict(std::string_view text, const std::string& where) {
  // The parser treats a NUL byte as the end of the text.
  if (text.find('\0') != std::string_view::npos) {
    fail("{}: not valid JSON; got a NUL byte", where);
  }
  Builder builder(text, where);
  Json::sax_parse(text, &builder);
  return builder.take();
}

Json read_json_strict(const std::filesystem::path& path) {
  return parse_json_strict(read_file(path, kMaxFileBytes), path.string());
}

std::string to_text(const Json& json, const std::string& where) {
  if (!holds_only_finite_numbers(json)) {
    fail("{}: cannot be written as JSON; got NaN or an infinity", where);
  }
  try {
    return json.dump(2) + "\n";
  } catch (const Json::type_error&) {
    fail("{}: cannot be written as JSON; got ill-formed UTF-8", where);
  }
}

JsonObject::JsonObject(const Json& json, std::string where, std::string prefix)
    : json_(json), where_(std::move(where)), prefix_(std::move(prefix)) {
  if (!json_.is_object()) {
    fail("{}: wrong type; got {}; expected an object", where_, printable(json_.dump()));
  }
}

bool JsonObject::has(const std::string& field) const {
  asked_.push_back(field);
  return json_.contains(field);
}

const Json& JsonObject::value(const std::string& field, const std::string& expected) const {
  if (!has(field)) {
    fail("{}: field '{}{}': missing; expected {}", where_, prefix_, field, expected);
  }
  return json_.at(field);
}

void JsonObject::reject(const std::string& field, const Json& value,
                        const std::string& expected) const {
  fail("{}: field '{}{}': wrong type or range; got {}; expected {}", where_, prefix_, field,
       printable(value.dump()), expected);
}

std::int64_t JsonObject::integer(const std::string& field, std::int64_t low,
                                 std::int64_t high) const {
  const std::string expected = fmt::format("an integer in [{}, {}]", low, high);
  const Json& json = value(field, expected);
  // An unsigned value above int64's range would wrap around in get<int64_t>().
  const bool representable =
      json.is_number_integer() &&
      (!json.is_number_unsigned() || std::in_range<std::int64_t>(json.get<std::uint64_t>()));
  const std::int64_t result = representable ? json.get<std::int64_t>() : 0;
  if (!representable || result < low || result > high) {
    reject(field, json, expected);
  }
  return result;
}

std::uint64_t JsonObject::unsigned_integer(const std::string& field) const {
  const std::string expected = "an integer in [0, 2^64)";
  const Json& json = value(field, expected);
  if (!json.is_number_unsigned() && !(json.is_number_integer() && json.get<std::int64_t>() >= 0)) {
    reject(field, json, expected);
  }
  return json.get<std::uint64_t>();
}

double JsonObject::number(const std::string& field, double low, double high) const {
  const std::string expected = fmt::format("a number in [{}, {}]", low, high);
  const Json& json = value(field, expected);
  const double result = json.is_number() ? json.get<double>() : 0;
  if (!json.is_number() || !(result >= low && result <= high)) {
    reject(field, json, expected);
  }
  return result;
}

std::string JsonObject::string(const std::string& field) const {
  const std::string expected = "a string";
  const Json& json = value(field, expected);
  if (!json.is_string()) {
    reject(field, json, expected);
  }
  return json.get<std::string>();
}

JsonObject JsonObject::object(const std::string& field) const {
  const Json& json = value(field, "an object");
  if (!json.is_object()) {
    reject(field, json, "an object");
  }
  return {json, where_, prefix_ + field + "."};
}

std::vector<std::string> JsonObject::fields() const {
  std::vector<std::string> names;
  for (const auto& item : json_.items()) {
    names.push_back(item.key());
  }
  return names;
}

void JsonObject::reject_unknown() const {
  const std::vector<std::string_view> known(asked_.begin(), asked_.end());
  for (const std::string& field : fields()) {
    if (std::ranges::count(known, field) == 0) {
      fail("{}: unknown field '{}{}'{}", where_, prefix_, printable(field),
           did_you_mean(field, known));
    }
  }
}

}  // namespace weft::models
