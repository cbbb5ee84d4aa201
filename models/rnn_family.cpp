#include "models/rnn_family.hpp"

#include "models/rnn_config.hpp"
#include "models/rnn_seq2seq.hpp"

namespace weft::models {
namespace {

const RnnConfig& recurrent(const ModelConfig& config) {
  return dynamic_cast<const RnnConfig&>(config);
}

}  // namespace

Family rnn_family() {
  const auto presets = rnn_preset_names();
  return {
      .name = "recurrent",
      .presets = {presets.begin(), presets.end()},
      .config = [](std::string_view preset) { return rnn_preset(preset).clone(); },
      .make = [](const ModelConfig& c) { return std::make_unique<RnnSeq2Seq>(recurrent(c)); },
      .key_shapes = [](const ModelConfig& c) { return RnnSeq2Seq::key_shapes(recurrent(c)); },
      .variants = rnn_variants,
      .resize =
          [](ModelConfig& config, const SizeSource& size) {
            auto& c = dynamic_cast<RnnConfig&>(config);
            c.emb = size();
            c.hidden = size();
          },
  };
}

}  // namespace weft::models
