#pragma once

#include "models/registry.hpp"
#include "models/rnn_config.hpp"
#include "models/rnn_seq2seq.hpp"

// A second family, for tests of code that must not depend on the first one.
namespace weft::models {

/// One width for everything, and one option that recurrent models have as well.
struct PlainConfig : FamilyConfig<PlainConfig> {
  PlainConfig() { preset = "plain"; }

  std::int64_t width = data::option(&width, "width", 8, {1, 64}, "size of everything");
  double dropout =
      data::option(&dropout, "dropout", 0.25, {0, 0.99}, "probability that a feature is dropped");

  void check() const override {
    if (width % 2 != 0) {
      fail("model: got an odd width, {}", width);
    }
  }

  /// The configuration of the recurrent model behind it.
  RnnConfig recurrent() const {
    RnnConfig config;
    config.source_vocab = source_vocab;
    config.target_vocab = target_vocab;
    config.emb = config.hidden = width;
    config.dropout = dropout;
    return config;
  }
};

inline Family plain_family() {
  const auto recurrent = [](const ModelConfig& config) {
    return dynamic_cast<const PlainConfig&>(config).recurrent();
  };
  return {
      .name = "plain",
      .presets = {"plain"},
      .config = [](std::string_view) { return std::make_unique<PlainConfig>(); },
      .make = [=](const ModelConfig& c) { return std::make_unique<RnnSeq2Seq>(recurrent(c)); },
      .key_shapes = [=](const ModelConfig& c) { return RnnSeq2Seq::key_shapes(recurrent(c)); },
      .variants =
          [](std::string_view) {
            PlainConfig config;
            config.dropout = 0;
            std::vector<Variant> all;
            all.push_back({"without dropout", config.clone()});
            return all;
          },
      .resize =
          [](ModelConfig& config, const SizeSource& size) {
            dynamic_cast<PlainConfig&>(config).width = 2 * size();
          },
  };
}

}  // namespace weft::models
