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

/// Parses JSON from an untrusted source. Errors refer to it as `where` and name the line: malformed
/// JSON or UTF-8, anything after the value, a NUL byte, a duplicate field, more than 64 levels of
/// nesting.
Json parse_json_strict(std::string_view text, const std::string& where);

/// Parses a file of at most 16 MiB as `parse_json_strict` does.
Json read_json_strict(const std::filesystem::path& path);

/// Returns the value as indented text that ends with a newline; equal values always give the same
/// text. Throws Error, referring to the value as `where`, if it holds NaN, an infinity or
/// ill-formed UTF-8.
std::string to_text(const Json& json, const std::string& where);

/// Reads the fields of a JSON object, each with its type and range:
///
///     const Json json = read_json_strict("config.json");
///     const JsonObject config(json, "config.json");
///     const std::int64_t hidden = config.integer("hidden", 1, 65536);
///     config.reject_unknown();
///
/// A field that is missing, of the wrong type or out of range is an Error such as
/// `config.json: field 'hidden': wrong type or range; got 1.9; expected an integer in [1, 65536]`.
/// The object refers to the JSON value, which must outlive it.
class JsonObject {
 public:
  /// Throws Error if `json` is not an object. Errors refer to it as `where`.
  JsonObject(const Json& json, std::string where) : JsonObject(json, std::move(where), "") {}
  JsonObject(Json&& json, std::string where) = delete;

  /// How errors refer to the outermost object.
  const std::string& where() const { return where_; }
  /// Whether the field exists.
  bool has(const std::string& field) const;
  /// An integer in [low, high], written without a fraction or an exponent.
  std::int64_t integer(const std::string& field, std::int64_t low, std::int64_t high) const;
  /// An integer in [0, 2^64), for example the seed of a random number generator.
  std::uint64_t unsigned_integer(const std::string& field) const;
  /// A number in [low, high].
  double number(const std::string& field, double low, double high) const;
  /// Any string, including the empty one and control characters.
  std::string string(const std::string& field) const;
  /// A nested object; errors name its fields `outer.inner`.
  JsonObject object(const std::string& field) const;

  /// Any value. Throws Error saying that `expected` is missing if the field does not exist.
  const Json& value(const std::string& field, const std::string& expected) const;
  /// Throws Error saying that the field's value is not as expected.
  [[noreturn]] void reject(const std::string& field, const Json& value,
                           const std::string& expected) const;

  /// All field names, sorted.
  std::vector<std::string> fields() const;

  /// Throws Error, with "did you mean", if the object has a field that none of the functions above
  /// was called with.
  void reject_unknown() const;

 private:
  JsonObject(const Json& json, std::string where, std::string prefix);

  const Json& json_;
  std::string where_;
  std::string prefix_;                      ///< names of the enclosing objects: "outer."
  mutable std::vector<std::string> asked_;  ///< fields that the caller knows
};

}  // namespace weft::models
