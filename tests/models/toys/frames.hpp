#pragma once

#include "autograd/ops.hpp"
#include "data/text/vocabulary.hpp"
#include "models/rnn_config.hpp"
#include "tests/models/toys/task.hpp"

// A task whose sources are frames, as in speech: a token sounds for one to three noisy frames of
// its own pitch, with a pause between two tokens. The target consists of the tokens.
namespace weft::models::toys {

inline constexpr std::int64_t kPitches = 4, kFeatures = 1 + kPitches;

/// A recurrent model that reads such frames.
inline RnnConfig frames_config() {
  RnnConfig config = rnn_preset("bahdanau2015");
  config.source_features = kFeatures;
  config.source_vocab = data::kSpecials;
  config.target_vocab = data::kSpecials + kPitches;
  config.emb = 16;
  config.hidden = 24;
  return config;
}

class FramesTask : public ToyTask {
 public:
  using ToyTask::ToyTask;
  struct Example {
    Tensor frames;  // [S, kFeatures]
    std::vector<std::int64_t> tokens;
  };
  static Example example(std::int64_t number) {
    Example made;
    Generator generator(static_cast<std::uint64_t>(number));
    std::vector<std::int64_t> pitches = {0};  // of each frame; 0: a pause
    for (std::int64_t n = 1 + generator.integer(3); n > 0; --n) {
      const std::int64_t pitch = 1 + generator.integer(kPitches);
      made.tokens.push_back(data::kSpecials + pitch - 1);
      pitches.insert(pitches.end(), static_cast<std::size_t>(1 + generator.integer(3)), pitch);
      pitches.push_back(0);
    }
    const std::int64_t S = std::ssize(pitches);
    const Tensor noise = randn({S, kFeatures}, generator) * 0.1;
    made.frames = scatter_add(noise, 1, tensor(pitches, {S, 1}), ones({S, 1}));
    return made;
  }
  data::Batch examples(std::int64_t first, std::int64_t count) const override {
    std::vector<Tensor> frames;
    std::vector<std::vector<std::int64_t>> targets;
    std::vector<std::int64_t> rows;
    for (std::int64_t i = 0; i < count; ++i) {
      frames.push_back(example(first + i).frames);
      targets.push_back(example(first + i).tokens);
      rows.push_back(i);
    }
    return data::make_batch(data::make_source_batch(frames, rows), targets);
  }
};

}  // namespace weft::models::toys
