#pragma once

#include <string>

#include "data/augment.hpp"
#include "data/language.hpp"
#include "models/training/trainer.hpp"
#include "tools/flags/corpora.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {

/// The flags of `weft train`.
struct TrainFlags {
  std::string task;
  PairFiles train;
  PairFiles valid;
  std::string out;
  bool resume = false;

  std::string preset = "bahdanau2015";
  std::string cell = "gru";
  std::int64_t layers = 1;
  bool bidirectional = true;
  bool reverse_source = false;
  bool residual = false;
  std::int64_t emb = 256;
  std::int64_t hidden = 512;
  double dropout = 0;
  std::string bridge = "dense";
  std::string attention = "additive";
  std::string energy = "tanh";
  std::string query = "previous";
  bool input_feeding = false;
  bool fixed_context = false;
  std::string readout = "deep";
  bool tie_embeddings = false;

  std::string tokenizer = "word";
  std::string spm_model = "unigram";
  bool joint_vocab = false;
  std::int64_t vocab_size = 0;
  std::int64_t min_freq = 1;
  bool lowercase = false;
  std::string normalize = "nfc";
  std::int64_t max_length = 100;

  std::int64_t batch = 64;
  std::int64_t batch_tokens = 0;
  std::int64_t epochs = 10;
  std::int64_t steps = 0;
  std::string optimizer = "adam";
  double lr = 1e-3;
  double weight_decay = 0.01;
  std::string schedule = "constant";
  std::int64_t warmup = 0;
  std::int64_t decay_every = 1000;
  double decay_factor = 0.5;
  std::int64_t decay_patience = 0;
  double clip = 1;
  double label_smoothing = 0;
  double teacher_forcing = 1;
  std::string teacher_forcing_by = "token";
  std::string forcing_schedule = "constant";
  std::int64_t accumulate = 1;
  std::int64_t average = 1;
  double ema = 0;
  std::string stop_on = "loss";
  std::string on_nan = "stop";
  data::AugmentOptions augment;
  std::int64_t patience = 0;
  std::int64_t save_every = 0;
  std::int64_t seed = 1;

  std::int64_t threads = 0;
  bool quiet = false;
  bool json = false;
  bool detect_anomaly = false;
};

/// Declares every flag of `weft train`, bound to `flags`.
void declare(Options& options, TrainFlags& flags);

/// The flags of the model alone, for programs that train none; and what the user left open of them,
/// by the preset's defaults. Throws UsageError for flags that do not go together.
void declare_model(Options& options, TrainFlags& flags);
void settle_model(Options& options, TrainFlags& flags);

/// Settles what the user left open: with --resume by what the run in --out was started with, else
/// by the optimizer's defaults, the task's and the preset's, in this order. Throws UsageError for
/// flags that do not go together, and for one that differs from the resumed run's.
void settle(Options& options, TrainFlags& flags);

models::ModelConfig model_config(const TrainFlags& flags);
models::TrainingConfig training_config(const TrainFlags& flags);
data::LanguageConfig language_config(const TrainFlags& flags);

}  // namespace weft::tools
