#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "autograd/printable.hpp"

namespace weft::models {

using weft::escaped;
using weft::printable;

/// A JSON value; the fields of an object are sorted by name.
using Json = nlohmann::json;

/// Parses JSON from a source that is not trusted. Errors call it `where` and name the line:
/// malformed JSON or UTF-8, anything after the value, a NUL byte, a field that occurs twice, more
/// than 64 levels of nesting.
Json parse_json_strict(std::string_view text, const std::string& where);

/// Parses a file of at most 16 MiB as `parse_json_strict` does.
Json read_json_strict(const std::filesystem::path& path);

/// The value as indented text that ends with a newline: the same text for the same value, always.
/// Throws Error calling it `where` if it holds NaN, an infinity or ill-formed UTF-8.
std::string to_text(const Json& json, const std::string& where);

/// Reads the fields of a JSON object, each with its type and range:
///
///     const Json json = read_json_strict("config.json");
///     const JsonObject config(json, "config.json");
///     const std::int64_t hidden = config.integer("hidden", 1, 65536);
///     config.reject_unknown();
///
/// A field that is missing, of another type or out of range is an Error such as
/// `config.json: field 'hidden': wrong type or range; got 1.9; expected an integer in [1, 65536]`.
/// The object refers to the JSON value, which must outlive it.
class JsonObject {
 public:
  /// Throws Error if `json` is not an object. Errors call it `where`.
  JsonObject(const Json& json, std::string where) : JsonObject(json, std::move(where), "") {}
  JsonObject(Json&& json, std::string where) = delete;

  /// Whether there is such a field.
  bool has(const std::string& field) const;
  /// An integer in [low, high], written without a fraction or an exponent.
  std::int64_t integer(const std::string& field, std::int64_t low, std::int64_t high) const;
  /// An integer in [0, 2^64), a random number generator's seed for example.
  std::uint64_t unsigned_integer(const std::string& field) const;
  /// A number in [low, high].
  double number(const std::string& field, double low, double high) const;
  /// Any string, the empty one and control characters included.
  std::string string(const std::string& field) const;
  /// An object in this one; errors name its fields `outer.inner`.
  JsonObject object(const std::string& field) const;

  /// Any value. Throws Error, that `expected` is missing, if there is no such field.
  const Json& value(const std::string& field, const std::string& expected) const;
  /// Throws the Error that the field's value is not as expected.
  [[noreturn]] void reject(const std::string& field, const Json& value,
                           const std::string& expected) const;

  /// All field names, sorted.
  std::vector<std::string> fields() const;

  /// Throws Error, with "did you mean", if there is a field that none of the functions above was
  /// asked for.
  void reject_unknown() const;

 private:
  JsonObject(const Json& json, std::string where, std::string prefix);

  const Json& json_;
  std::string where_;
  std::string prefix_;                      ///< names of the objects around this one: "outer."
  mutable std::vector<std::string> asked_;  ///< fields that the caller knows
};

}  // namespace weft::models
