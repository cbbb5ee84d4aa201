#include <cmath>
#include <csignal>
#include <filesystem>

#include "autograd/anomaly.hpp"
#include "autograd/random.hpp"
#include "models/translation/evaluate.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/train.hpp"
#include "tools/measure/corpus_report.hpp"
#include "tools/measure/machine.hpp"
#include "tools/measure/run_cost.hpp"
#include "tools/terminal/output.hpp"
#include "tools/terminal/progress.hpp"
#include "tools/terminal/signals.hpp"

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

/// What the trainer gets, and what was left out on the way.
struct Prepared {
  models::Translator translator;
  std::vector<data::SentencePair> train;
  std::vector<data::SentencePair> valid;
  data::Dropped dropped;        ///< training pairs
  data::Dropped valid_dropped;  ///< validation pairs
  CorporaReport report;         ///< if it shall be told
};

/// Whether to tell what the pairs are like: once a run.
bool reports(const TrainFlags& flags) { return !flags.quiet && !flags.resume; }

Prepared prepare(const Corpora& corpora, const TrainFlags& flags, models::Json record) {
  const data::LanguageConfig config = language_config(flags);
  auto tokenizers = data::make_tokenizers(corpora.train, config);
  const auto tokenize = [&](const std::vector<data::TextPair>& pairs) {
    return data::tokenize(pairs, tokenizers.first, tokenizers.second);
  };
  std::vector<data::TokenPair> train = tokenize(corpora.train);
  std::vector<data::TokenPair> valid = tokenize(corpora.valid);
  CorporaReport report;
  if (reports(flags)) {
    report = report_corpora(corpora, train, valid);
  }
  const data::Dropped dropped = data::drop_unfit(train, flags.max_length, "training pairs");
  data::Dropped valid_dropped;
  if (!valid.empty()) {
    valid_dropped = data::drop_unfit(valid, 0, "validation pairs");
  }
  auto [source, target] = data::make_languages(std::move(tokenizers), train, config);
  auto train_ids = data::encode(train, source.vocabulary, target.vocabulary);
  auto valid_ids = data::encode(valid, source.vocabulary, target.vocabulary);
  report.train_unknown = data::unknown_share(train_ids);
  report.valid_unknown = data::unknown_share(valid_ids);
  manual_seed(flags.training.seed);
  return {models::Translator::make(*model_config(flags), std::move(source), std::move(target),
                                   std::move(record)),
          std::move(train_ids),
          std::move(valid_ids),
          dropped,
          valid_dropped,
          std::move(report)};
}

std::string describe(const Prepared& prepared) {
  const auto count = [](auto number) { return format_count(static_cast<double>(number)); };
  const models::Translator& translator = prepared.translator;
  return fmt::format(
      "{} training pairs ({} empty and {} long ones left out), {} validation pairs ({} left out), "
      "vocabularies of {} and {}, {} parameters",
      count(prepared.train.size()), count(prepared.dropped.empty), count(prepared.dropped.too_long),
      count(prepared.valid.size()), count(prepared.valid_dropped.empty),
      count(translator.source.vocabulary.size()), count(translator.target.vocabulary.size()),
      count(translator.model->num_parameters()));
}

/// Tells what the pairs are like and what the run will need, and warns of what looks wrong.
void tell(const Prepared& prepared, const models::TrainingConfig& config, Progress& progress) {
  for (const std::string& line : size_table(prepared.report)) {
    progress.message(line);
  }
  const RunCost cost =
      estimate_run(*prepared.translator.model, prepared.train, prepared.valid, config);
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
    if (report.valid_bleu) {
      line += fmt::format("  BLEU {:.2f}", *report.valid_bleu);
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

/// How BLEU cuts references that tokens of this kind make: words as they are, subwords by its usual
/// rule, or each character where most lines have no spaces between words (Chinese, Japanese, Thai).
data::BleuTokenization bleu_tokenization(data::TokenizerKind kind,
                                         const std::vector<std::string>& references) {
  const auto spaced = std::ranges::count_if(
      references, [](const std::string& line) { return line.find(' ') != std::string::npos; });
  switch (kind) {
    case data::TokenizerKind::character:
      return data::BleuTokenization::chars;
    case data::TokenizerKind::subword:
      return 2 * spaced < std::ssize(references) ? data::BleuTokenization::chars
                                                 : data::BleuTokenization::v13a;
    default:
      return data::BleuTokenization::none;
  }
}

/// BLEU of greedy translations of the validation pairs; references are normalized and lower-cased
/// as the model does it.
double valid_bleu(const models::Translator& translator, const Corpora& corpora,
                  const TrainFlags& flags) {
  const data::Tokenizer& own = translator.target.tokenizer;
  std::vector<std::string> sources;
  std::vector<std::string> references;
  for (const data::TextPair& pair : corpora.valid) {
    sources.push_back(pair.source);
    references.push_back(own.detokenize(own.tokenize(pair.target)));
  }
  return data::corpus_bleu(translator.translate(sources, flags.training.batch.sentences),
                           references, bleu_tokenization(own.config().kind, references))
      .bleu;
}

/// BLEU of the best model, if there are validation pairs.
std::optional<double> best_bleu(const TrainFlags& flags, const Corpora& corpora) {
  if (corpora.valid.empty()) {
    return std::nullopt;
  }
  return valid_bleu(models::Translator::load(flags.out), corpora, flags);
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
  Options options("train", "Trains a translator; a run directory holds all that comes of it.");
  declare(options, flags, arguments);
  options.parse(arguments);
  settle(options, flags);
  use_threads(flags.threads);
  std::signal(SIGPIPE, SIG_IGN);  // a reader of the progress who leaves does not end the training

  models::check_run_directory(flags.out, flags.resume);  // before the work of reading
  Progress progress(flags.quiet);
  const Corpora corpora = read_corpora(flags);
  Prepared prepared = prepare(corpora, flags, options.values());
  progress.message(describe(prepared));

  const models::TrainingConfig config = training_config(flags);
  if (reports(flags)) {
    tell(prepared, config, progress);
  }
  models::Trainer trainer(prepared.translator, config, std::move(prepared.train),
                          std::move(prepared.valid), flags.out, flags.resume);
  models::TrainingResult result{};
  {
    const DeferSignals defer;
    const AnomalyGuard anomaly(flags.detect_anomaly);
    models::TrainingHooks told = hooks(progress, config);
    told.valid_bleu = [&](const models::Translator& translator) {
      return valid_bleu(translator, corpora, flags);
    };
    result = trainer.run(told);
    progress.clear();
    // Asked here again: one that came after the trainer's last question must not be lost.
    if (noted_signal() != 0) {
      progress.message(fmt::format("{} after step {}: saved in {}; go on with --resume",
                                   signal_name(noted_signal()), result.steps,
                                   (std::filesystem::path(flags.out) / "last").string()));
      return exit_status(noted_signal());
    }
  }
  summarize(flags, result, best_bleu(flags, corpora));
  return 0;
}

}  // namespace weft::tools
