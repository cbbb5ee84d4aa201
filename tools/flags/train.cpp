#include "tools/flags/train.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "autograd/characters.hpp"
#include "models/files/atomic_directory.hpp"
#include "models/files/formats.hpp"
#include "models/files/manifest.hpp"
#include "models/files/settings_json.hpp"
#include "models/training/run_directory.hpp"
#include "models/translation/model_files.hpp"
#include "tools/flags/train_defaults.hpp"

namespace weft::tools {
namespace {

constexpr std::int64_t kLeastSubwords = data::kSpecials + data::kBytePieces;

/// Applies defaults to flags that the user did not set. Flags that do not exist for this model
/// family are skipped.
void apply_defaults(Options& options, const FlagValues& defaults) {
  for (const auto& [name, value] : defaults) {
    if (options.has(name) && !options.given(name)) {
      options.set(name, value, "default of --" + name);
    }
  }
}

/// The flags that the run in `out` was started with; null if it has not saved anything yet.
models::Json saved_flags(const std::string& out) {
  const std::filesystem::path last =
      models::published_directory(std::filesystem::path(out) / "last");
  std::error_code ignored;
  if (!std::filesystem::exists(last / models::kConfigName, ignored)) {
    return nullptr;
  }
  const std::filesystem::path path = models::Manifest(last).file(models::kConfigName);
  const models::Json json = models::read_current(path, models::VersionedFile::config);
  models::JsonObject(json, path.string()).object("training");
  return json.at("training");
}

/// The preset of the run that the arguments resume; empty if they do not resume one.
std::string resumed_preset(const std::vector<std::string>& arguments) {
  struct Early : SourceFlags, CommonFlags {};
  Early early;
  Options options("", "");
  options.add(early);
  options.peek(arguments);
  const models::Json saved = early.resume && !early.out.empty() ? saved_flags(early.out) : nullptr;
  const auto preset = saved.is_object() ? saved.find("preset") : saved.end();
  return preset != saved.end() && preset->is_string() ? preset->get<std::string>() : std::string();
}

/// Throws Error if the run has a flag that does not exist.
void reject_unknown(const Options& options, const models::Json& saved, const std::string& out) {
  std::vector<std::string_view> known;
  for (const data::Option* option : options.recorded()) {
    known.push_back(option->name);
  }
  for (const auto& [name, value] : saved.items()) {
    if (std::ranges::find(known, name) == known.end()) {
      fail("{}: unknown field 'training.{}'{}", out, models::printable(name),
           did_you_mean(name, known));
    }
  }
}

/// Throws Error if there is neither a saved run nor data to start it again with.
void check_resumable(const TrainFlags& flags) {
  if (!flags.task.empty() || flags.train.given()) {
    return;
  }
  const std::filesystem::path out = flags.out;
  std::error_code ignored;
  if (!std::filesystem::is_directory(out, ignored)) {
    fail("{}: cannot resume; got {}; expected a run directory", flags.out,
         std::filesystem::exists(out, ignored) ? "a file" : "nothing there");
  }
  models::check_run_directory(out, true);
  fail(
      "{}: cannot resume without it; expected the saved flags of the run; hint: to start again, "
      "give the flags that the run was started with",
      (models::published_directory(out / "last") / models::kConfigName).string());
}

/// Throws Error if a run does not say what it was trained on.
void check_restored(const TrainFlags& flags) {
  if (flags.task.empty() && !flags.train.given()) {
    fail("{}: field 'training' names no data; expected task, train-tsv, or train-src and train-trg",
         flags.out);
  }
}

/// Sets the flags to those of a run. A flag that is newer than the run gets the value that its
/// absence stands for.
void restore(Options& options, const models::Json& saved, const std::string& out) {
  for (const data::Option* option : options.recorded()) {
    const std::string& name = option->name;
    const models::Json value =
        saved.contains(name) ? saved.at(name) : models::to_json(option->absent);
    if (options.given(name) && !option->adjustable && options.value(name) != value) {
      misuse("train: --{} differs from the run's in {}; got {}; expected {}", name, out,
             options.value(name).dump(), value.dump());
    }
    if (!options.given(name) || !option->adjustable) {
      options.set(name, value, fmt::format("{}: field 'training.{}'", out, name));
    }
  }
  reject_unknown(options, saved, out);
}

void check_sources(const Options& options, const TrainFlags& flags) {
  check_pair_files(options, "train", flags.train);
  check_pair_files(options, "valid", flags.valid);
  if (!flags.task.empty() && (flags.train.given() || flags.valid.given())) {
    misuse("train: got both --task and files of pairs; expected one of them");
  }
  if (flags.task.empty() && !flags.train.given()) {
    misuse(
        "train: no training data; expected --task, --train-tsv, or --train-src and "
        "--train-trg");
  }
}

/// Throws UsageError if a flag is given that only applies to some choices, but another one is
/// chosen, so that it would have no effect.
void check_owner(const Options& options, std::string_view flag, std::string_view choice,
                 const std::vector<std::string_view>& owners) {
  const auto chosen = options.value(choice).get<std::string>();
  if (options.given(flag) && std::ranges::find(owners, chosen) == owners.end()) {
    misuse("train: got --{} with --{} {}; expected --{} {}", flag, choice, chosen, choice,
           fmt::join(owners, " or "));
  }
}

/// Throws UsageError for a text that config.json cannot record: a path that is not UTF-8.
void check_recordable(const Options& options) {
  for (const data::Option* option : options.recorded()) {
    const models::Json value = options.value(option->name);
    if (value.is_string() && find_invalid_utf8(value.get_ref<const std::string&>())) {
      misuse("train: --{}: invalid UTF-8; got {}; expected a text that the run can record",
             option->name, value.get_ref<const std::string&>());
    }
  }
}

void check_together(const Options& options, const TrainFlags& flags) {
  const models::TrainingConfig& training = flags.training;
  const data::LanguageConfig& language = flags.language;
  check_owner(options, "spm-model", "tokenizer", {"spm"});
  check_owner(options, "min-freq", "tokenizer", {"word", "char"});
  check_owner(options, "adam-beta2", "optimizer", {"adam", "adamw"});
  check_owner(options, "weight-decay", "optimizer", {"adamw"});
  check_owner(options, "decay-every", "schedule", {"step"});
  check_owner(options, "decay-factor", "schedule", {"step", "plateau"});
  check_owner(options, "decay-patience", "schedule", {"plateau"});
  if (training.stop_on == models::StopOn::score && flags.task.empty() && !flags.valid.given()) {
    misuse("train: --stop-on bleu needs validation pairs; got none");
  }
  if (training.schedule == optim::Decay::plateau && flags.task.empty() && !flags.valid.given()) {
    misuse("train: --schedule plateau needs validation pairs; got none");
  }
  if (training.schedule == optim::Decay::inverse_sqrt && training.warmup == 0) {
    misuse("train: --schedule inverse_sqrt needs a warm-up; got --warmup 0; expected at least 1");
  }
  if (!(training.decay_factor > 0 && training.decay_factor < 1)) {
    misuse("train: --decay-factor out of range; got {}; expected more than 0 and less than 1",
           training.decay_factor);
  }
  if (options.given("batch") && training.batch.target_tokens > 0) {
    misuse("train: got both --batch and --batch-tokens; expected one of them");
  }
  if (language.tokenizer.kind == data::TokenizerKind::subword &&
      language.vocab_size <= kLeastSubwords) {
    misuse(
        "train: --vocab-size: got {}; expected more than {} with --tokenizer spm, which needs one "
        "piece per byte",
        language.vocab_size, kLeastSubwords);
  }
  if (training.augment.subword_sampling > 0 &&
      (language.tokenizer.kind != data::TokenizerKind::subword ||
       language.subwords != data::SubwordModel::unigram)) {
    misuse(
        "train: --subword-sampling needs a unigram subword model; got --tokenizer {} and "
        "--spm-model {}",
        name(language.tokenizer.kind), name(language.subwords));
  }
  if (language.vocab_size > 0 && language.vocab_size <= data::kSpecials) {
    misuse("train: --vocab-size: got {}; expected 0 or more than the {} special tokens",
           language.vocab_size, data::kSpecials);
  }
  check_model(options, flags.model);
  try {
    models::validate(training);
  } catch (const Error& error) {
    misuse("train: {}", error.what());
  }
}

}  // namespace

void declare(Options& options, TrainFlags& flags, const std::vector<std::string>& arguments) {
  const std::string resumed = resumed_preset(arguments);
  flags.model.preset = preset_in(arguments, resumed.empty() ? flags.model.preset : resumed);
  options.add(static_cast<SourceFlags&>(flags));
  declare_model(options, flags.model);
  options.add(static_cast<WordFlags&>(flags));
  options.group("Training");
  options.add(flags.training);
  options.group("Program");
  options.add(static_cast<TrainProgramFlags&>(flags));
}

void settle(Options& options, TrainFlags& flags) {
  options.require("out");
  const models::Json saved = flags.resume ? saved_flags(flags.out) : models::Json();
  if (saved.is_null()) {
    if (flags.resume) {
      check_resumable(flags);
    }
    apply_defaults(options, tokenizer_defaults(flags.language.tokenizer.kind));
    apply_defaults(options, task_defaults(flags.task));
    apply_defaults(options, preset_defaults(flags.model.preset, flags.task));
    apply_defaults(options, optimizer_defaults(flags.training.optimizer));
    check_sources(options, flags);
  } else {
    restore(options, saved, flags.out);
    check_restored(flags);
  }
  check_recordable(options);
  check_together(options, flags);
}

std::unique_ptr<models::ModelConfig> model_config(const TrainFlags& flags) {
  std::unique_ptr<models::ModelConfig> config = flags.model.config->clone();
  config->joint_vocab = flags.language.joint;
  return config;
}

models::TrainingConfig training_config(const TrainFlags& flags) { return flags.training; }

data::LanguageConfig language_config(const TrainFlags& flags) { return flags.language; }

}  // namespace weft::tools
