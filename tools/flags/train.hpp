#pragma once

#include <string>
#include <vector>

#include "data/language.hpp"
#include "models/training/trainer.hpp"
#include "tools/flags/corpora.hpp"
#include "tools/flags/new_model.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {

/// The data of `weft train` and its output directory.
struct SourceFlags {
  std::string task =
      data::option(&task, "task", "", toy_task_names(),
                   "train on a built-in toy task, which has its own defaults for some flags",
                   {.group = "Data and run"});
  PairFiles train{"train", "training pairs"};
  PairFiles valid{"valid", "validation pairs"};
  std::string out = data::option(&out, "out", "", "run directory, for log.jsonl, best/ and last/",
                                 {.placeholder = "DIR", .recorded = false});
  bool resume = data::option(&resume, "resume", false, "continue the run in --out",
                             {.toggle = true, .recorded = false});
};

/// How `weft train` prepares the text.
struct WordFlags {
  data::LanguageConfig language;
  std::int64_t max_length = data::option(&max_length, "max-length", 100, {0, data::kMany},
                                         "skip training pairs with more tokens than this on either "
                                         "side (0: keep all; char default: 500)");
  std::int64_t valid_max_length =
      data::option(&valid_max_length, "valid-max-length", 1000, {0, data::kMany},
                   "leave longer validation pairs out of the loss (0: keep all)", {.absent = 0});
};

/// The flags of `weft train` that concern the program itself.
struct TrainProgramFlags : ProgramFlags {
  bool detect_anomaly =
      data::option(&detect_anomaly, "detect-anomaly", false,
                   "stop at the first NaN or infinity and report where it arose; slower",
                   {.toggle = true, .recorded = false});
};

/// The flags of `weft train`.
struct TrainFlags : SourceFlags, WordFlags, TrainProgramFlags {
  NewModelFlags model;
  models::TrainingConfig training;
};

/// Declares every flag of `weft train`, bound to `flags`. The model's flags are those of the preset
/// that the arguments name, or of the resumed run's preset.
void declare(Options& options, TrainFlags& flags, const std::vector<std::string>& arguments);

/// Fills in what the user did not set: with --resume from the flags that the run in --out was
/// started with, otherwise from the defaults of the tokenizer, the task and the optimizer, in this
/// order of precedence. Throws UsageError for incompatible flags, and for a flag that differs from
/// the resumed run's.
void settle(Options& options, TrainFlags& flags);

/// The model configuration given by the flags, with empty vocabularies.
std::unique_ptr<models::ModelConfig> model_config(const TrainFlags& flags);
/// The training configuration given by the flags.
models::TrainingConfig training_config(const TrainFlags& flags);
/// The language configuration given by the flags.
data::LanguageConfig language_config(const TrainFlags& flags);

}  // namespace weft::tools
