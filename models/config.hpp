#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "data/settings/settings.hpp"
#include "data/text/vocabulary.hpp"

namespace weft::models {

/// The largest allowed vocabulary.
inline constexpr std::int64_t kMaxVocab = 10'000'000;

/// The configuration of a model: everything that determines its shapes and equations. These fields
/// are common to all families; a family adds its own (rnn_config.hpp). The preset determines the
/// family (registry.hpp).
struct ModelConfig {
  virtual ~ModelConfig() = default;

  /// The paper whose equations it follows. It also determines the initialization.
  std::string preset =
      data::option(&preset, "preset", "", "architecture, named after its paper", {.flag = false});
  /// Vs, set once the vocabulary is known.
  std::int64_t source_vocab =
      data::option(&source_vocab, "source-vocab", 0, {data::kSpecials, kMaxVocab},
                   "source vocabulary size, special tokens included", {.flag = false});
  /// Vt, set once the vocabulary is known.
  std::int64_t target_vocab =
      data::option(&target_vocab, "target-vocab", 0, {data::kSpecials, kMaxVocab},
                   "target vocabulary size, special tokens included", {.flag = false});
  /// F, the size of a frame if sources are frames; 0 if they are tokens. Frames have no vocabulary:
  /// Vs counts only the special tokens then.
  std::int64_t source_features =
      data::option(&source_features, "source-features", 0, {0, 65536},
                   "size of a source frame (0: the source is tokens)", {.flag = false});
  bool joint_vocab = data::option(&joint_vocab, "joint-vocab", false,
                                  "source and target share one vocabulary", {.flag = false});

  /// Returns a copy of the derived type.
  virtual std::unique_ptr<ModelConfig> clone() const = 0;
  /// All fields with their names and ranges, those of the family included.
  virtual data::Settings settings() = 0;
  /// The same, read-only.
  virtual data::SettingsView settings() const = 0;
  /// Throws Error, naming the fields, if options contradict each other. Ranges are checked before.
  virtual void check() const = 0;

 protected:
  ModelConfig() = default;
  ModelConfig(const ModelConfig&) = default;             ///< for derived types only
  ModelConfig& operator=(const ModelConfig&) = default;  ///< for derived types only
};

/// Base class of a family's configuration `C`, which only has to declare its fields and implement
/// `check`: `struct RnnConfig : FamilyConfig<RnnConfig>`.
template <class C>
struct FamilyConfig : ModelConfig {
  /// Returns a copy of type C.
  std::unique_ptr<ModelConfig> clone() const override {
    return std::make_unique<C>(static_cast<const C&>(*this));
  }
  /// The fields of C.
  data::Settings settings() override { return data::Settings(static_cast<C&>(*this)); }
  /// The fields of C, read-only.
  data::SettingsView settings() const override {
    return data::SettingsView(static_cast<const C&>(*this));
  }
};

/// Whether two configurations belong to the same family and have the same values.
inline bool operator==(const ModelConfig& a, const ModelConfig& b) {
  return a.settings() == b.settings();
}

/// Throws Error, naming the fields, if one is out of range or some contradict each other.
inline void validate(const ModelConfig& config) {
  config.settings().check_ranges("model");
  config.check();
}

}  // namespace weft::models
