#include "models/registry.hpp"

#include <algorithm>

#include "models/files/settings_json.hpp"
#include "models/rnn_family.hpp"
#include "models/transformer_family.hpp"

namespace weft::models {
namespace {

std::vector<Family>& registered() {
  static std::vector<Family> all = {
      rnn_family(),
      transformer_family(),
  };
  return all;
}

}  // namespace

const std::vector<Family>& families() { return registered(); }

const Family& family_of(std::string_view preset) {
  for (const Family& family : families()) {
    if (std::ranges::find(family.presets, preset) != family.presets.end()) {
      return family;
    }
  }
  const std::vector<std::string_view> known = preset_names();
  fail("preset: unknown name; got {}; expected one of {}{}", preset, fmt::join(known, ", "),
       did_you_mean(preset, known));
}

FamilyScope::FamilyScope(Family family) : name_(family.name) {
  const std::vector<std::string_view> known = preset_names();
  for (const std::string_view preset : family.presets) {
    if (std::ranges::find(known, preset) != known.end()) {
      fail("family {}: the preset {} is another family's", family.name, preset);
    }
  }
  registered().push_back(std::move(family));
}

FamilyScope::~FamilyScope() {
  std::erase_if(registered(), [&](const Family& family) { return family.name == name_; });
}

std::vector<std::string_view> preset_names() {
  std::vector<std::string_view> names;
  for (const Family& family : families()) {
    names.insert(names.end(), family.presets.begin(), family.presets.end());
  }
  return names;
}

std::unique_ptr<ModelConfig> preset(std::string_view name) { return family_of(name).config(name); }

std::unique_ptr<ModelConfig> model_config_from(const JsonObject& json) {
  const std::string name = json.string("preset");
  const std::vector<std::string_view> known = preset_names();
  if (std::ranges::find(known, name) == known.end()) {
    json.reject("preset", name, fmt::format("one of {}", fmt::join(known, ", ")));
  }
  std::unique_ptr<ModelConfig> config = preset(name);
  read_settings(json, config->settings());
  try {
    validate(*config);
  } catch (const Error& error) {
    fail("{}: {}", json.where(), error.what());
  }
  return config;
}

std::unique_ptr<Seq2Seq> make_model(const ModelConfig& config) {
  const Family& family = family_of(config.preset);
  validate(config);
  return family.make(config);
}

void check_sizes(const ModelConfig& config, const nn::NamedTensors& tensors,
                 const std::string& where) {
  for (const auto& [name, shape] : family_of(config.preset).key_shapes(config)) {
    const auto found = std::ranges::find(tensors, name, &nn::NamedTensors::value_type::first);
    if (found == tensors.end()) {
      fail("{}: tensor '{}' is missing", where, name);
    }
    if (found->second.shape() != shape) {
      fail("{}: tensor '{}' does not fit the configuration; got {}; expected {}", where, name,
           found->second.shape(), shape);
    }
  }
}

std::vector<Variant> variants(std::string_view preset_name) {
  return family_of(preset_name).variants(preset_name);
}

void resize(ModelConfig& config, const SizeSource& size) {
  family_of(config.preset).resize(config, size);
}

}  // namespace weft::models
