#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/files/json.hpp"
#include "models/seq2seq.hpp"

namespace weft::models {

/// A configuration and how it differs from its preset.
struct Variant {
  std::string name;                     ///< for example "layers 2, cell lstm"
  std::unique_ptr<ModelConfig> config;  ///< without vocabulary sizes; other sizes as in the preset
  bool tied = false;  ///< output and embedding share a table, so every output depends on all of it
};

/// Returns the next size for a model at each call.
using SizeSource = std::function<std::int64_t()>;

/// A family of models, as the library sees it. Its code is in files of its own; one line in
/// registry.cpp registers it.
struct Family {
  /// "recurrent".
  std::string name;
  /// The names of its presets, unique among all families.
  std::vector<std::string_view> presets;
  /// Returns the configuration of a preset, without vocabulary sizes.
  std::function<std::unique_ptr<ModelConfig>(std::string_view preset)> config;
  /// Makes a model from a valid configuration of the family's type.
  std::function<std::unique_ptr<Seq2Seq>(const ModelConfig& config)> make;
  /// Returns names and shapes of the parameters that determine the size of all others. A file that
  /// contains them is not much smaller than the model, so it is safe to allocate.
  std::function<std::vector<std::pair<std::string, Shape>>(const ModelConfig& config)> key_shapes;
  /// Returns configurations that together use every component that the preset can have.
  std::function<std::vector<Variant>(std::string_view preset)> variants;
  /// Sets all sizes of a configuration, except those of its vocabularies.
  std::function<void(ModelConfig& config, const SizeSource& size)> resize;
};

/// All families.
const std::vector<Family>& families();
/// The family of a preset. Throws Error, with "did you mean", for an unknown preset.
const Family& family_of(std::string_view preset);

/// Registers a family for a test or an experiment, for the lifetime of this object.
class FamilyScope {
 public:
  /// Throws Error if one of its presets is already registered.
  explicit FamilyScope(Family family);
  ~FamilyScope();
  FamilyScope(const FamilyScope&) = delete;
  FamilyScope& operator=(const FamilyScope&) = delete;

 private:
  std::string name_;
};

/// The presets of all families, named after papers; `bahdanau2015` comes first.
std::vector<std::string_view> preset_names();

/// The configuration of a preset, without vocabulary sizes. Throws Error as `family_of` does.
std::unique_ptr<ModelConfig> preset(std::string_view name);

/// Reads the configuration from the field "model" of config.json, which `to_json` wrote from its
/// settings. Throws Error naming the field.
std::unique_ptr<ModelConfig> model_config_from(const JsonObject& json);

/// Makes a model from its configuration, with parameters drawn from the default generator. Throws
/// Error if the configuration is invalid.
std::unique_ptr<Seq2Seq> make_model(const ModelConfig& config);

/// Throws Error unless the tensors, read from `where`, have the sizes of such a model. Making the
/// model then takes at most a small multiple of their memory.
void check_sizes(const ModelConfig& config, const nn::NamedTensors& tensors,
                 const std::string& where);

/// Configurations of a preset that together use every component it can have. leakcheck, gradcheck
/// and the tests run over all of them. Throws Error as `family_of` does.
std::vector<Variant> variants(std::string_view preset_name);

/// Sets all sizes of a configuration, except those of its vocabularies, to values from `size`.
void resize(ModelConfig& config, const SizeSource& size);

}  // namespace weft::models
