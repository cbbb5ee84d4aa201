#pragma once

#include "data/settings/settings.hpp"
#include "models/files/json.hpp"

namespace weft::models {

/// The value of an option as JSON.
Json to_json(const data::OptionValue& value);

/// An object with the value of every option under its key.
Json to_json(const data::SettingsView& settings);

/// Reads what `to_json` wrote. A missing option gets its `absent` value: the one from before the
/// option existed. Throws Error naming the field for a value of the wrong type or out of range, and
/// for a field that is not an option.
void read_settings(const JsonObject& json, data::Settings settings);

}  // namespace weft::models
