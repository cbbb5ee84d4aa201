#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "data/settings/settings.hpp"
#include "data/text/vocabulary.hpp"

namespace weft::models {

/// The most tokens of a vocabulary.
inline constexpr std::int64_t kMaxVocab = 10'000'000;

/// Everything that decides the shape and the equations of a model: what every family has. A family
/// adds its own (rnn_config.hpp); which one it is follows from the preset (registry.hpp).
struct ModelConfig {
  virtual ~ModelConfig() = default;

  /// The paper whose equations it follows. It decides the initialization too.
  std::string preset = data::option(&preset, "preset", "", "the paper to follow", {.flag = false});
  /// Vs, set once it is known.
  std::int64_t source_vocab =
      data::option(&source_vocab, "source-vocab", 0, {data::kSpecials, kMaxVocab},
                   "source tokens, special ones included", {.flag = false});
  /// Vt, set once it is known.
  std::int64_t target_vocab =
      data::option(&target_vocab, "target-vocab", 0, {data::kSpecials, kMaxVocab},
                   "target tokens, special ones included", {.flag = false});
  /// F, if sources are frames of so many numbers; 0: they are tokens. A source of frames has no
  /// vocabulary: Vs is that of the special tokens.
  std::int64_t source_features =
      data::option(&source_features, "source-features", 0, {0, 65536},
                   "numbers in a frame of the source; 0: tokens", {.flag = false});
  bool joint_vocab =
      data::option(&joint_vocab, "joint-vocab", false,
                   "the same ids mean the same tokens on both sides", {.flag = false});

  /// A copy, of the family's type.
  virtual std::unique_ptr<ModelConfig> clone() const = 0;
  /// Every field with its name and range, the family's included.
  virtual data::Settings settings() = 0;
  /// The same, to be read.
  virtual data::SettingsView settings() const = 0;
  /// Throws Error naming fields that do not go together; each is in its range.
  virtual void check() const = 0;

 protected:
  ModelConfig() = default;
  ModelConfig(const ModelConfig&) = default;             ///< of a family's type alone
  ModelConfig& operator=(const ModelConfig&) = default;  ///< the same
};

/// The base of a family's configuration `C`, which has left to say what fields it has and how they
/// go together: `struct RnnConfig : FamilyConfig<RnnConfig>`.
template <class C>
struct FamilyConfig : ModelConfig {
  /// Of type C.
  std::unique_ptr<ModelConfig> clone() const override {
    return std::make_unique<C>(static_cast<const C&>(*this));
  }
  /// Those of C.
  data::Settings settings() override { return data::Settings(static_cast<C&>(*this)); }
  /// Those of C.
  data::SettingsView settings() const override {
    return data::SettingsView(static_cast<const C&>(*this));
  }
};

/// Whether two are of one family and have the same values.
inline bool operator==(const ModelConfig& a, const ModelConfig& b) {
  return a.settings() == b.settings();
}

/// Throws Error naming the field that is out of range, or two that do not go together.
inline void validate(const ModelConfig& config) {
  config.settings().check_ranges("model");
  config.check();
}

}  // namespace weft::models
