#include "models/files/settings_json.hpp"

#include <optional>
#include <variant>

namespace weft::models {
namespace {

/// The value of a field, of whatever type it has; nullopt for an array, an object or null.
std::optional<data::OptionValue> value_in(const Json& json) {
  if (json.is_boolean()) {
    return json.get<bool>();
  }
  if (json.is_string()) {
    return json.get<std::string>();
  }
  if (json.is_number_unsigned() && !std::in_range<std::int64_t>(json.get<std::uint64_t>())) {
    return std::nullopt;
  }
  if (json.is_number_integer()) {
    return json.get<std::int64_t>();
  }
  return json.is_number_float() ? std::optional<data::OptionValue>(json.get<double>())
                                : std::nullopt;
}

}  // namespace

Json to_json(const data::OptionValue& value) {
  return std::visit([](const auto& x) { return Json(x); }, value);
}

Json to_json(const data::SettingsView& settings) {
  Json json = Json::object();
  for (const data::Option& option : settings.options()) {
    json[option.key] = to_json(settings.get(option));
  }
  return json;
}

void read_settings(const JsonObject& json, data::Settings settings) {
  for (const data::Option& option : settings.options()) {
    const bool absent = !json.has(option.key) && settings.set(option, option.absent);
    if (absent) {
      continue;
    }
    const Json& field = json.value(option.key, option.expected);
    const std::optional<data::OptionValue> value = value_in(field);
    if (!value || !settings.set(option, *value)) {
      json.reject(option.key, field, option.expected);
    }
  }
  json.reject_unknown();
}

}  // namespace weft::models
