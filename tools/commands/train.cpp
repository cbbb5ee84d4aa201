#include <cmath>
#include <filesystem>

#include "autograd/anomaly.hpp"
#include "autograd/random.hpp"
#include "models/training/run_directory.hpp"
#include "models/training/trainer.hpp"
#include "models/translation/evaluate.hpp"
#include "models/translation/translation_task.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/train.hpp"
#include "tools/measure/corpus_messages.hpp"
#include "tools/measure/cost.hpp"
#include "tools/measure/machine.hpp"
#include "tools/terminal/output.hpp"
#include "tools/terminal/progress.hpp"
#include "tools/terminal/signals.hpp"

// `weft train`: reads pairs, makes or loads languages and model, reports the cost of the run, and
// passes a TranslationTask to a Trainer.
namespace weft::tools {
namespace {

Corpora read_corpora(const TrainFlags& flags) {
  if (!flags.task.empty()) {
    return toy_corpora(flags.task);
  }
  Corpora corpora{read_pairs(flags.train), {}};
  if (flags.valid.given()) {
    corpora.valid = read_pairs(flags.valid);
  }
  return corpora;
}

/// The trainer's input, and the pairs that were skipped.
struct Prepared {
  models::Translator translator;
  models::TranslationData data;
  data::Dropped dropped;        ///< training pairs
  data::Dropped valid_dropped;  ///< validation pairs
  CorporaReport report;         ///< filled in if it will be reported
};

/// Whether to report statistics of the pairs: only when a run starts.
bool reports(const TrainFlags& flags) { return !flags.quiet && !flags.resume; }

/// The translator of the run to resume, so that its languages are not learned again.
std::optional<models::Translator> saved_translator(const TrainFlags& flags) {
  if (!flags.resume || !models::has_checkpoint(flags.out)) {
    return std::nullopt;
  }
  return models::Translator::load(std::filesystem::path(flags.out) / "last");
}

/// A new translator, whose languages are built from the tokens.
models::Translator new_translator(std::pair<data::Tokenizer, data::Tokenizer> tokenizers,
                                  const std::vector<data::TokenPair>& train,
                                  const TrainFlags& flags) {
  auto [source, target] =
      data::make_languages(std::move(tokenizers), train, language_config(flags));
  return models::Translator::make(*model_config(flags), std::move(source), std::move(target), {});
}

/// Initializes the parameters of a new model with `generator`.
Prepared prepare(const Corpora& corpora, const TrainFlags& flags, Generator& generator) {
  std::optional<models::Translator> saved = saved_translator(flags);
  const std::string train_names = flags.task.empty() ? flags.train.names() : flags.task;
  auto tokenizers = saved
                        ? std::pair(saved->source.tokenizer, saved->target.tokenizer)
                        : data::make_tokenizers(corpora.train, language_config(flags), train_names);
  const auto tokenize = [&](const std::vector<data::TextPair>& pairs) {
    return data::tokenize(pairs, tokenizers.first, tokenizers.second);
  };
  std::vector<data::TokenPair> train = tokenize(corpora.train);
  std::vector<data::TokenPair> valid = tokenize(corpora.valid);
  CorporaReport report;
  if (reports(flags)) {
    report = report_corpora(corpora, train, valid);
    report.valid_long = data::find_long(valid, flags.valid_max_length);
    if (tokenizers.first.subwords().defined()) {
      report.cut_words = data::find_cut_words(corpora.train);
    }
  }
  const data::Dropped dropped = data::drop_unfit(train, flags.max_length, train_names);
  data::Dropped valid_dropped;
  if (!valid.empty()) {
    valid_dropped = data::drop_unfit(valid, flags.valid_max_length,
                                     flags.task.empty() ? flags.valid.names() : flags.task);
  }
  const GeneratorGuard drawing(generator);
  models::Translator translator =
      saved ? std::move(*saved) : new_translator(std::move(tokenizers), train, flags);
  const auto encode = [&translator](const std::vector<data::TokenPair>& pairs) {
    return data::encode(pairs, translator.source.vocabulary, translator.target.vocabulary);
  };
  models::TranslationData data{encode(train), encode(valid), corpora.valid};
  report.train_unknown = data::unknown_share(data.train);
  report.valid_unknown = data::unknown_share(data.valid);
  return {std::move(translator), std::move(data), dropped, valid_dropped, std::move(report)};
}

std::string describe(const Prepared& prepared) {
  const auto count = [](auto number) { return format_count(static_cast<double>(number)); };
  const models::Translator& translator = prepared.translator;
  return fmt::format(
      "{} training pairs ({} empty and {} long ones skipped), {} validation pairs ({} and {}), "
      "vocabularies of {} and {}, {} parameters",
      count(prepared.data.train.size()), count(prepared.dropped.empty),
      count(prepared.dropped.too_long), count(prepared.data.valid.size()),
      count(prepared.valid_dropped.empty), count(prepared.valid_dropped.too_long),
      count(translator.source.vocabulary.size()), count(translator.target.vocabulary.size()),
      count(translator.model->num_parameters()));
}

/// Reports statistics of the pairs and the cost of the run, and warns about suspicious data.
void report(const Prepared& prepared, const models::TrainingConfig& config, Progress& progress) {
  for (const std::string& line : size_table(prepared.report)) {
    progress.message(line);
  }
  const RunCost cost =
      estimate_run(*prepared.translator.model, prepared.data.train, prepared.data.valid, config);
  progress.message(fmt::format("{} steps in about {}, with about {} MiB of memory",
                               format_count(static_cast<double>(cost.steps)),
                               format_seconds(cost.seconds), format_count(cost.mib)));
  for (const std::string& line :
       warnings(prepared.report, prepared.translator.source.tokenizer.config().normalize)) {
    progress.highlight(line);
  }
  if (cost.mib > machine_mib()) {
    progress.highlight(
        fmt::format("warning: the machine has {} MiB of memory; hint: a smaller --batch",
                    format_count(machine_mib())));
  }
}

models::TrainingHooks hooks(Progress& progress, const models::TrainingConfig& config) {
  models::TrainingHooks hooks;
  hooks.on_step = [&progress, &config](const models::Progress& now) {
    const std::int64_t done = (now.epoch - 1) * now.batches + now.batch;
    std::int64_t total = now.epochs * now.batches;
    if (config.steps > 0) {
      total = std::min(total, done + (config.steps - now.step) * config.accumulate);
    }
    progress.update(
        done, total,
        fmt::format("epoch {}/{}  step {}  loss {:.4f}  {} tokens/s", now.epoch, now.epochs,
                    now.step, now.loss, format_count(now.tokens_per_second)));
  };
  hooks.on_epoch = [&progress](const models::EpochReport& report) {
    std::string line = fmt::format("epoch {:>3}  step {:>7}  train loss {:.4f}", report.epoch,
                                   report.step, report.train_loss);
    if (report.valid_loss) {
      line += fmt::format("  valid loss {:.4f}  perplexity {:.3f}", *report.valid_loss,
                          std::exp(*report.valid_loss));
    }
    if (report.valid_score) {
      line += fmt::format("  BLEU {:.2f}", *report.valid_score);
    }
    line += fmt::format("  {} tokens/s", format_count(report.tokens_per_second));
    if (report.best) {
      progress.highlight(line + "  best");
    } else {
      progress.message(line);
    }
  };
  hooks.should_stop = [] { return noted_signal() != 0; };
  hooks.on_trouble = [&progress](const std::string& trouble) {
    progress.highlight("warning: " + trouble);
  };
  return hooks;
}

/// BLEU of the best model, if any had a finite validation loss.
std::optional<double> best_bleu(const TrainFlags& flags, const Corpora& corpora,
                                const models::TrainingResult& result) {
  if (corpora.valid.empty() || !result.best_valid_loss) {
    return std::nullopt;
  }
  return models::validation_bleu(models::Translator::load(flags.out), corpora.valid,
                                 flags.training.batch.sentences);
}

models::Json to_json(const std::optional<double>& figure) {
  return figure ? models::Json(*figure) : models::Json();
}

void summarize(const TrainFlags& flags, const models::TrainingResult& result,
               const std::optional<double>& bleu) {
  Output output;
  output.line(fmt::format("trained           {} steps, {} epochs", result.steps, result.epochs));
  if (result.best_valid_loss) {
    output.line(fmt::format("best validation   loss {:.4f}, perplexity {:.3f}, BLEU {:.2f}",
                            *result.best_valid_loss, std::exp(*result.best_valid_loss),
                            bleu.value_or(0)));
  }
  output.line(fmt::format("model             {}", models::model_directory(flags.out).string()));
  if (flags.json) {
    output.json({{"steps", result.steps},
                 {"epochs", result.epochs},
                 {"best_valid_loss", to_json(result.best_valid_loss)},
                 {"best_valid_bleu", to_json(bleu)},
                 {"target_tokens_per_second", result.tokens_per_second},
                 {"peak_rss_mib", peak_rss_mib()}});
  }
  output.close();
}

}  // namespace

int train(const Arguments& arguments) {
  TrainFlags flags;
  Options options("train", "Trains a translation model and writes everything to a run directory.");
  declare(options, flags, arguments);
  options.parse(arguments);
  settle(options, flags);
  use_threads(flags.threads);

  models::check_run_directory(flags.out, flags.resume);  // fail early, before reading the data
  Progress progress(flags.quiet);
  const Corpora corpora = read_corpora(flags);
  Generator generator(flags.training.seed);
  Prepared prepared = prepare(corpora, flags, generator);
  prepared.translator.training = options.values();
  progress.message(describe(prepared));

  const models::TrainingConfig config = training_config(flags);
  if (reports(flags)) {
    report(prepared, config, progress);
  }
  models::TranslationTask task(prepared.translator, std::move(prepared.data),
                               {config.batch, config.seed, config.augment});
  models::Trainer trainer(task, config, generator, flags.out, flags.resume);
  models::TrainingResult result{};
  {
    const DeferSignals defer;
    const AnomalyGuard anomaly(flags.detect_anomaly);
    result = trainer.run(hooks(progress, config));
    progress.clear();
    // Check again: a signal that arrived after the trainer's last check must not be lost.
    if (noted_signal() != 0) {
      progress.message(fmt::format("{} after step {}: saved to {}; continue with --resume",
                                   signal_name(noted_signal()), result.steps,
                                   (std::filesystem::path(flags.out) / "last").string()));
      return exit_status(noted_signal());
    }
  }
  summarize(flags, result, best_bleu(flags, corpora, result));
  return 0;
}

}  // namespace weft::tools
