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

/// A configuration and what sets it apart from its preset.
struct Variant {
  std::string name;                     ///< such as "layers 2, cell lstm"
  std::unique_ptr<ModelConfig> config;  ///< vocabularies empty, sizes the preset's
  bool tied = false;  ///< one table serves for output and embedding: every output reads all of it
};

/// Gives the sizes of a model, one at each call.
using SizeSource = std::function<std::int64_t()>;

/// A family of models: all that the library knows of it. It stands in files of its own and has one
/// line in registry.cpp.
struct Family {
  /// "recurrent".
  std::string name;
  /// The names of its presets; no other family has one of them.
  std::vector<std::string_view> presets;
  /// The configuration of a preset, vocabularies empty.
  std::function<std::unique_ptr<ModelConfig>(std::string_view preset)> config;
  /// The model of a configuration that is valid, and is of the family's type.
  std::function<std::unique_ptr<Seq2Seq>(const ModelConfig& config)> make;
  /// Parameters, with their shapes, from which the size of every other one follows: a file that has
  /// them is not much smaller than the model.
  std::function<std::vector<std::pair<std::string, Shape>>(const ModelConfig& config)> key_shapes;
  /// Configurations that between them have every part that a model of the preset can be made of.
  std::function<std::vector<Variant>(std::string_view preset)> variants;
  /// Gives a configuration other sizes, those of its vocabularies left aside.
  std::function<void(ModelConfig& config, const SizeSource& size)> resize;
};

/// All families.
const std::vector<Family>& families();
/// The family that has a preset. Throws Error, with "did you mean", if none has.
const Family& family_of(std::string_view preset);

/// A family of a test or an experiment, known while this lives.
class FamilyScope {
 public:
  /// Throws Error if a preset of it is known already.
  explicit FamilyScope(Family family);
  ~FamilyScope();
  FamilyScope(const FamilyScope&) = delete;
  FamilyScope& operator=(const FamilyScope&) = delete;

 private:
  std::string name_;
};

/// The presets of all families, each named after a paper, `bahdanau2015` first.
std::vector<std::string_view> preset_names();

/// The configuration of a preset, vocabularies empty. Throws Error as `family_of` does.
std::unique_ptr<ModelConfig> preset(std::string_view name);

/// The configuration in the field "model" of config.json, written by `to_json` of its settings.
/// Throws Error naming the field.
std::unique_ptr<ModelConfig> model_config_from(const JsonObject& json);

/// Makes the model that the configuration describes, with random parameters from the default
/// generator. Throws Error if the configuration is not valid.
std::unique_ptr<Seq2Seq> make_model(const ModelConfig& config);

/// Throws Error unless tensors that were read from `where` have the sizes of such a model, so that
/// making it takes no more memory than they do, times a small number.
void check_sizes(const ModelConfig& config, const nn::NamedTensors& tensors,
                 const std::string& where);

/// Configurations of a preset that between them have every part that a model can be made of. They
/// serve what must hold of every model: leakcheck, gradcheck, tests. Throws Error as `family_of`.
std::vector<Variant> variants(std::string_view preset_name);

/// Gives a configuration sizes, each by a call of `size`, those of its vocabularies left aside.
void resize(ModelConfig& config, const SizeSource& size);

}  // namespace weft::models
