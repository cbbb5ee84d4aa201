#pragma once

#include "data/settings/settings.hpp"
#include "models/files/json.hpp"

namespace weft::models {

/// The value of an option.
Json to_json(const data::OptionValue& value);

/// An object with every option under its key.
Json to_json(const data::SettingsView& settings);

/// Reads what `to_json` wrote. An option that is missing gets what its absence means: the value
/// that it had before there was the option. Throws Error naming the field for a value of another
/// type or out of range, and for a field that is no option.
void read_settings(const JsonObject& json, data::Settings settings);

}  // namespace weft::models
