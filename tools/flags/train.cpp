#include "tools/flags/train.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>

#include "data/tasks/toy_tasks.hpp"
#include "data/text/suggest.hpp"
#include "models/files/atomic_directory.hpp"
#include "models/translation/model_files.hpp"
#include "tools/flags/train_defaults.hpp"

namespace weft::tools {
namespace {

constexpr std::int64_t kMany = 1'000'000'000;
constexpr std::int64_t kMaxSize = 65536;
constexpr std::array<std::string_view, 4> kForcingSchedules = {"constant", "linear", "exponential",
                                                               "inverse_sigmoid"};
constexpr std::array<std::string_view, 3> kOnNan = {"stop", "skip", "rollback"};
constexpr std::int64_t kLeastSubwords = data::kSpecials + 256;
constexpr double kMax = std::numeric_limits<double>::max();

/// The flags that may be given anew to a run that goes on. Files may have moved: that the pairs in
/// them are the same is checked by the trainer.
constexpr std::array<std::string_view, 11> kAdjustable = {
    "epochs",    "steps",     "patience",  "save-every", "threads",  "train-tsv",
    "train-src", "train-trg", "valid-tsv", "valid-src",  "valid-trg"};

/// A flag whose choices are the names of an enumeration.
template <class E>
void declare_choice(Options& options, const std::string& flag, std::string& value,
                    const std::string& help) {
  const std::span<const std::string_view> names = models::names<E>();
  options.choice(flag, value, {names.begin(), names.end()}, help);
}

void declare_data(Options& options, TrainFlags& flags) {
  options.group("What to learn");
  std::vector<std::string_view> tasks;
  for (const data::ToyTask& task : data::toy_tasks()) {
    tasks.push_back(task.name);
  }
  options.choice("task", flags.task, tasks,
                 "a built-in toy task, with defaults of its own for some flags");
  declare_pair_files(options, "train", flags.train, "training pairs");
  declare_pair_files(options, "valid", flags.valid, "validation pairs");
  options.text("out", flags.out, "DIR", "run directory: log.jsonl, best/ and last/",
               Options::Record::no);
  options.toggle("resume", flags.resume, "go on with the run in --out");
}

void declare_words(Options& options, TrainFlags& flags) {
  options.group("Words");
  options.choice("tokenizer", flags.tokenizer, {"word", "char", "spm"},
                 "word: split at white space; char: into characters, white space kept; spm: into "
                 "subwords, learnt by SentencePiece");
  options.choice("spm-model", flags.spm_model, {"unigram", "bpe"}, "how subwords are learnt");
  options.integer("vocab-size", flags.vocab_size, 0, kMany,
                  "most tokens a vocabulary, special ones included; 0: no limit; for spm 8000");
  options.boolean("joint-vocab", flags.joint_vocab,
                  "one vocabulary for both languages; for spm true");
  options.integer("min-freq", flags.min_freq, 1, kMany,
                  "rarer tokens are unknown ones, of words and characters");
  options.boolean("lowercase", flags.lowercase, "turn text into lower case");
  options.choice("normalize", flags.normalize, {"nfc", "nfkc", "none"}, "Unicode normalization");
  options.integer("max-length", flags.max_length, 0, kMany,
                  "training pairs with a side of more tokens are left out; 0: none; for char 500");
}

void declare_training(Options& options, TrainFlags& flags) {
  options.group("Training");
  options.integer("batch", flags.batch, 1, kMany, "sentences a step");
  options.integer("batch-tokens", flags.batch_tokens, 0, kMany,
                  "target tokens a step, padding included, instead of --batch");
  options.integer("epochs", flags.epochs, 1, kMany, "passes over the training pairs");
  options.integer("steps", flags.steps, 0, kMany, "stop after so many steps; 0: no limit");
  options.choice("optimizer", flags.optimizer, {"sgd", "adam", "adamw", "adagrad", "adadelta"},
                 "sgd has momentum 0.9, adadelta rho 0.95");
  options.number("lr", flags.lr, 0, kMax, "learning rate; of adagrad 0.01, of adadelta 1");
  options.number("weight-decay", flags.weight_decay, 0, kMax,
                 "of adamw: a step takes lr times this share from every parameter");
  options.choice(
      "schedule", flags.schedule, {"constant", "inverse_sqrt", "cosine", "step", "plateau"},
      "of the learning rate, once it is warm; cosine: towards 0 after the last step; step and "
      "plateau: falls by --decay-factor");
  options.integer("warmup", flags.warmup, 0, kMany, "steps in which the learning rate rises");
  options.integer("decay-every", flags.decay_every, 1, kMany, "of step: steps between two falls");
  options.number(
      "decay-factor", flags.decay_factor, 0, 1,
      "of step and plateau: what a fall multiplies the learning rate by, between 0 and 1");
  options.integer("decay-patience", flags.decay_patience, 0, kMany,
                  "of plateau: epochs in a row without a better one that pass before a fall");
  options.number("clip", flags.clip, 0, kMax, "largest norm of the gradient; 0: no clipping");
  options.number("label-smoothing", flags.label_smoothing, 0, 0.99,
                 "share of each target that is spread over all words; not in validation");
  options.number("teacher-forcing", flags.teacher_forcing, 0, 1,
                 "probability that the decoder is fed the true token");
  options.choice("teacher-forcing-by", flags.teacher_forcing_by, {"token", "sequence"},
                 "a coin for each token, or one for each sentence");
  options.choice("forcing-schedule", flags.forcing_schedule,
                 {kForcingSchedules.begin(), kForcingSchedules.end()},
                 "how the probability falls, from 1 to --teacher-forcing at the last step");
  options.integer("accumulate", flags.accumulate, 1, kMany, "batches whose gradients make a step");
  options.integer("average", flags.average, 1, 1000,
                  "best/ is the mean of the parameters after the last so many epochs");
  options.number("ema", flags.ema, 0, 0.999999,
                 "best/ is a moving average of the parameters with this decay; 0: is not");
  options.number(
      "subword-sampling", flags.augment.subword_sampling, 0, 100,
      "alpha of subwords drawn anew in each epoch, with probabilities p^alpha; of unigram "
      "models; 0: are not");
  options.number("word-dropout", flags.augment.word_dropout, 0, 0.99,
                 "probability that a source token becomes an unknown one");
  options.number("word-noise", flags.augment.word_noise, 0, 1000,
                 "source tokens move by at most so many places");
  options.integer("patience", flags.patience, 0, kMany,
                  "stop after so many epochs without a better one; 0: never");
  options.choice(
      "stop-on", flags.stop_on, {"loss", "bleu"},
      "what best/ and --patience go by: validation loss, or BLEU of greedy translations");
  options.choice("on-nan", flags.on_nan, {kOnNan.begin(), kOnNan.end()},
                 "after a loss that is not finite: an error, the step left out, or back to last/ "
                 "with half the learning rate");
  options.integer("save-every", flags.save_every, 0, kMany,
                  "save last/ every so many steps, not only after each epoch; 0: not");
  options.integer("seed", flags.seed, 0, std::numeric_limits<std::int64_t>::max(),
                  "of parameters, dropout and the order of sentences");
}

void declare_program(Options& options, TrainFlags& flags) {
  options.group("Program");
  options.common(flags.threads, flags.quiet);
  options.toggle("json", flags.json, "results as a JSON object, the last line of stdout");
  options.toggle("detect-anomaly", flags.detect_anomaly,
                 "end at the first NaN or infinity and say where it came from; slower");
}

void apply_defaults(Options& options, const FlagValues& defaults) {
  for (const auto& [name, value] : defaults) {
    if (!options.given(name)) {
      options.set(name, value, "default of --" + name);
    }
  }
}

/// The flags that the run in `out` was started with; null if it has saved nothing yet.
models::Json saved_flags(const std::string& out) {
  const std::filesystem::path last =
      models::published_directory(std::filesystem::path(out) / "last");
  const std::filesystem::path path = last / models::kConfigName;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return nullptr;
  }
  const models::Json json = models::read_json_strict(path);
  models::JsonObject(json, path.string()).object("training");
  return json.at("training");
}

void restore(Options& options, const models::Json& saved, const std::string& out) {
  for (const std::string& name : options.recorded()) {
    if (!saved.contains(name)) {
      fail("{}: field 'training.{}' is missing", out, name);
    }
    const models::Json& value = saved.at(name);
    const bool adjustable = std::ranges::find(kAdjustable, name) != kAdjustable.end();
    if (options.given(name) && !adjustable && options.value(name) != value) {
      misuse("train: --{} differs from the run's in {}; got {}; expected {}", name, out,
             options.value(name).dump(), value.dump());
    }
    if (!options.given(name) || !adjustable) {
      options.set(name, value, fmt::format("{}: field 'training.{}'", out, name));
    }
  }
}

void check_sources(const Options& options, const TrainFlags& flags) {
  check_pair_files(options, "train", flags.train);
  check_pair_files(options, "valid", flags.valid);
  if (!flags.task.empty() && (flags.train.given() || flags.valid.given())) {
    misuse("train: got --task and files of pairs; expected one of them");
  }
  if (flags.task.empty() && !flags.train.given()) {
    misuse(
        "train: nothing to learn from; expected --task, --train-tsv, or --train-src and "
        "--train-trg");
  }
}

/// A flag of some choices alone, given with another one, would do nothing.
void check_owner(const Options& options, std::string_view flag, std::string_view choice,
                 const std::vector<std::string_view>& owners) {
  const auto chosen = options.value(choice).get<std::string>();
  if (options.given(flag) && std::ranges::find(owners, chosen) == owners.end()) {
    misuse("train: got --{} with --{} {}; expected --{} {}", flag, choice, chosen, choice,
           fmt::join(owners, " or "));
  }
}

void check_model(const Options& options, const TrainFlags& flags) {
  try {
    models::ModelConfig config = model_config(flags);
    config.source_vocab = config.target_vocab = data::kSpecials;  // not known yet
    models::validate(config);
  } catch (const Error& error) {
    misuse("{}: {}", options.command(), error.what());
  }
}

void check_together(const Options& options, const TrainFlags& flags) {
  check_owner(options, "spm-model", "tokenizer", {"spm"});
  check_owner(options, "min-freq", "tokenizer", {"word", "char"});
  check_owner(options, "weight-decay", "optimizer", {"adamw"});
  check_owner(options, "decay-every", "schedule", {"step"});
  check_owner(options, "decay-factor", "schedule", {"step", "plateau"});
  check_owner(options, "decay-patience", "schedule", {"plateau"});
  if (flags.stop_on == "bleu" && flags.task.empty() && !flags.valid.given()) {
    misuse("train: --stop-on bleu goes by validation pairs; got none");
  }
  if (flags.schedule == "plateau" && flags.task.empty() && !flags.valid.given()) {
    misuse("train: --schedule plateau goes by the validation loss; got no validation pairs");
  }
  if (flags.schedule == "inverse_sqrt" && flags.warmup == 0) {
    misuse("train: --schedule inverse_sqrt needs a warm-up; got --warmup 0; expected at least 1");
  }
  if (!(flags.decay_factor > 0 && flags.decay_factor < 1)) {
    misuse("train: --decay-factor out of range; got {}; expected more than 0 and less than 1",
           flags.decay_factor);
  }
  if (options.given("batch") && flags.batch_tokens > 0) {
    misuse("train: got --batch and --batch-tokens; expected one of them");
  }
  if (flags.tokenizer == "spm" && flags.vocab_size <= kLeastSubwords) {
    misuse(
        "train: --vocab-size: got {}; expected more than {} with --tokenizer spm, which has a "
        "piece for each byte",
        flags.vocab_size, kLeastSubwords);
  }
  if (flags.augment.subword_sampling > 0 &&
      (flags.tokenizer != "spm" || flags.spm_model != "unigram")) {
    misuse(
        "train: --subword-sampling draws the pieces of a unigram model; got --tokenizer {} and "
        "--spm-model {}",
        flags.tokenizer, flags.spm_model);
  }
  if (flags.vocab_size > 0 && flags.vocab_size <= data::kSpecials) {
    misuse("train: --vocab-size: got {}; expected 0 or more than the {} special tokens",
           flags.vocab_size, data::kSpecials);
  }
  check_model(options, flags);
  try {
    models::validate(training_config(flags));
  } catch (const Error& error) {
    misuse("train: {}", error.what());
  }
}

}  // namespace

void declare_model(Options& options, TrainFlags& flags) {
  options.group("Model (the defaults are those of bahdanau2015)");
  const auto presets = models::preset_names();
  options.choice("preset", flags.preset, {presets.begin(), presets.end()},
                 "the paper to follow; tutorial: the usual PyTorch tutorial's model");
  declare_choice<models::Cell>(options, "cell", flags.cell,
                               "recurrent cell of encoder and decoder");
  options.integer("layers", flags.layers, 1, 64, "of the encoder and of the decoder");
  options.boolean("bidirectional", flags.bidirectional, "the encoder reads both ways");
  options.boolean("reverse-source", flags.reverse_source,
                  "an encoder of one direction reads from the end");
  options.boolean("residual", flags.residual,
                  "adds a layer's input to its output, from the second layer on");
  options.integer("emb", flags.emb, 1, kMaxSize, "size of an embedding");
  options.integer("hidden", flags.hidden, 1, kMaxSize, "size of a state, in each direction");
  options.number("dropout", flags.dropout, 0, 0.99, "probability that a feature is dropped");
  declare_choice<models::Bridge>(
      options, "bridge", flags.bridge,
      "the decoder's first state: the encoder's last one, or a layer over it (dense) or over "
      "the mean of all");
  declare_choice<models::AttentionKind>(options, "attention", flags.attention,
                                        "how source states are scored");
  declare_choice<Energy>(options, "energy", flags.energy, "of the additive attention");
  declare_choice<models::Query>(options, "query", flags.query,
                                "the decoder's state that asks: before the step or after it");
  options.boolean("input-feeding", flags.input_feeding,
                  "the decoder reads its last attentional state; with --query current");
  options.boolean("fixed-context", flags.fixed_context,
                  "without attention: the decoder reads one context at every step");
  declare_choice<models::Readout>(
      options, "readout", flags.readout,
      "logits from the state; or with context and embedding; or a layer of tanh or maxout over "
      "them");
  options.boolean("tie-embeddings", flags.tie_embeddings,
                  "one table for output and target, and source with a joint vocabulary");
}

void declare(Options& options, TrainFlags& flags) {
  declare_data(options, flags);
  declare_model(options, flags);
  declare_words(options, flags);
  declare_training(options, flags);
  declare_program(options, flags);
}

void settle_model(Options& options, TrainFlags& flags) {
  apply_defaults(options, preset_defaults(flags.preset));
  check_model(options, flags);
}

void settle(Options& options, TrainFlags& flags) {
  options.require("out");
  const models::Json saved = flags.resume ? saved_flags(flags.out) : models::Json();
  if (saved.is_null()) {
    apply_defaults(options, preset_defaults(flags.preset));
    apply_defaults(options, tokenizer_defaults(flags.tokenizer));
    apply_defaults(options, task_defaults(flags.task));
    apply_defaults(options, optimizer_defaults(flags.optimizer));
    check_sources(options, flags);
  } else {
    restore(options, saved, flags.out);
  }
  check_together(options, flags);
}

models::ModelConfig model_config(const TrainFlags& flags) {
  models::ModelConfig config = models::preset(flags.preset);
  config.emb = flags.emb;
  config.hidden = flags.hidden;
  config.layers = flags.layers;
  config.cell = models::named<models::Cell>(flags.cell);
  config.bidirectional = flags.bidirectional;
  config.reverse_source = flags.reverse_source;
  config.residual = flags.residual;
  config.dropout = flags.dropout;
  config.bridge = models::named<models::Bridge>(flags.bridge);
  config.attention = models::named<models::AttentionKind>(flags.attention);
  config.energy = models::named<Energy>(flags.energy);
  config.query = models::named<models::Query>(flags.query);
  config.input_feeding = flags.input_feeding;
  config.fixed_context = flags.fixed_context;
  config.readout = models::named<models::Readout>(flags.readout);
  config.tie_embeddings = flags.tie_embeddings;
  config.joint_vocab = flags.joint_vocab;
  return config;
}

models::TrainingConfig training_config(const TrainFlags& flags) {
  models::TrainingConfig config;
  config.batch = flags.batch_tokens > 0
                     ? data::BatchSize{flags.batch_tokens, data::BatchUnit::target_tokens}
                     : data::BatchSize{flags.batch, data::BatchUnit::sentences};
  config.epochs = flags.epochs;
  config.steps = flags.steps;
  config.optimizer = models::optimizer_named(flags.optimizer);
  config.lr = flags.lr;
  config.weight_decay = flags.weight_decay;
  config.schedule = optim::decay_from_name(flags.schedule);
  config.warmup = flags.warmup;
  config.decay_every = flags.decay_every;
  config.decay_factor = flags.decay_factor;
  config.decay_patience = flags.decay_patience;
  config.clip = flags.clip;
  config.label_smoothing = flags.label_smoothing;
  config.teacher_forcing = flags.teacher_forcing;
  config.forcing_by =
      flags.teacher_forcing_by == "token" ? models::ForcingBy::token : models::ForcingBy::sequence;
  config.forcing_schedule = static_cast<models::ForcingSchedule>(
      data::choose("forcing-schedule", flags.forcing_schedule, kForcingSchedules));
  config.accumulate = flags.accumulate;
  config.augment = flags.augment;
  config.average = flags.average;
  config.ema = flags.ema;
  config.stop_on = flags.stop_on == "loss" ? models::StopOn::loss : models::StopOn::bleu;
  config.on_nan = static_cast<models::OnNan>(data::choose("on-nan", flags.on_nan, kOnNan));
  config.patience = flags.patience;
  config.save_every = flags.save_every;
  config.seed = static_cast<std::uint64_t>(flags.seed);
  return config;
}

data::LanguageConfig language_config(const TrainFlags& flags) {
  return {{data::tokenizer_named(flags.tokenizer), flags.lowercase,
           data::normalization_named(flags.normalize)},
          data::subword_model_named(flags.spm_model),
          flags.vocab_size,
          flags.min_freq,
          flags.joint_vocab};
}

}  // namespace weft::tools
