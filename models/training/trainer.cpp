#include "models/training/trainer.hpp"

#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>

#include "autograd/tape.hpp"
#include "models/files/atomic_directory.hpp"
#include "models/files/file.hpp"
#include "models/training/run_directory.hpp"
#include "models/translation/model_files.hpp"
#include "optim/clip.hpp"
#include "optim/plateau.hpp"

namespace weft::models {
namespace {

constexpr std::int64_t kStepsNotTimed = 10;  // caches and thread pools are still warming up
constexpr std::int64_t kMostTrouble = 10;    // steps left out in a row, or ways back
constexpr double kRollbackFactor = 0.5;      // of the learning rate

/// A checksum of the words and the pairs, so that a run is not resumed on other data.
std::string checksum(const Translator& translator, const std::vector<data::SentencePair>& train,
                     const std::vector<data::SentencePair>& valid) {
  std::vector<std::int64_t> content;
  const auto add = [&](const std::vector<std::int64_t>& ids) {
    content.push_back(std::ssize(ids));
    content.insert(content.end(), ids.begin(), ids.end());
  };
  for (const auto* pairs : {&train, &valid}) {
    content.push_back(std::ssize(*pairs));
    for (const data::SentencePair& pair : *pairs) {
      add(pair.source);
      add(pair.target);
    }
  }
  std::string words;
  for (const data::Vocabulary* vocabulary :
       {&translator.source.vocabulary, &translator.target.vocabulary}) {
    for (std::int64_t id = 0; id < vocabulary->size(); ++id) {
      words += vocabulary->token(id) + '\n';
    }
  }
  const XXH64_hash_t seed = XXH3_64bits(words.data(), words.size());
  const std::size_t bytes = content.size() * sizeof(std::int64_t);
  return fmt::format("{:016x}", XXH3_64bits_withSeed(content.data(), bytes, seed));
}

optim::PlateauOptions plateau_options(const TrainingConfig& config) {
  return {.factor = config.decay_factor, .patience = config.decay_patience};
}

/// The steps of a whole training.
std::int64_t total_steps(const TrainingConfig& config,
                         const std::vector<data::SentencePair>& train) {
  validate(config);
  const std::int64_t batches = std::ssize(data::plan_training(train, config.batch, config.seed, 0));
  const std::int64_t all = config.epochs * ((batches + config.accumulate - 1) / config.accumulate);
  return config.steps > 0 ? std::min(config.steps, all) : all;
}

/// Throws Error if a parameter is NaN or infinite: such a model must not replace a good one.
void check_finite(const Seq2Seq& model, std::int64_t step) {
  for (const auto& [name, parameter] : model.named_parameters()) {
    for (const float value : parameter.data<float>()) {
      if (!std::isfinite(value)) {
        fail("train: not finite after step {}; got {} in {}; hint: a lower --lr", step, value,
             name);
      }
    }
  }
}

}  // namespace

double mean_loss(Seq2Seq& model, const std::vector<data::SentencePair>& pairs,
                 data::BatchSize batch) {
  const NoGradGuard guard;
  const bool training = model.training();
  model.eval();
  double loss = 0;
  std::int64_t tokens = 0;
  for (const std::vector<std::int64_t>& rows : data::plan_evaluation(pairs, batch)) {
    const data::Batch part = data::make_batch(pairs, rows);
    loss += model.loss(part, {}, Reduction::sum).item();
    tokens += part.target_tokens;
  }
  model.train(training);
  return loss / static_cast<double>(tokens);
}

/// Target tokens a second of the steps alone: it stands still while the trainer validates or saves.
class Trainer::Clock {
 public:
  void start_step() { begin_ = std::chrono::steady_clock::now(); }
  void end_step(std::int64_t tokens) {
    if (++steps_ > kStepsNotTimed) {
      seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
      tokens_ += tokens;
    }
  }
  double rate() const { return seconds_ > 0 ? static_cast<double>(tokens_) / seconds_ : 0; }

 private:
  std::chrono::steady_clock::time_point begin_;
  std::int64_t steps_ = 0;
  std::int64_t tokens_ = 0;
  double seconds_ = 0;
};

Trainer::Trainer(Translator& translator, const TrainingConfig& config,
                 std::vector<data::SentencePair> train, std::vector<data::SentencePair> valid,
                 const std::filesystem::path& run_directory, bool resume)
    : translator_(translator),
      config_(config),
      train_(std::move(train)),
      valid_(std::move(valid)),
      directory_(run_directory),
      optimizer_(make_optimizer({config.optimizer, config.lr, config.momentum, config.weight_decay},
                                translator.model->named_parameters())),
      average_(config.ema, config.average, translator.model->named_parameters()),
      total_steps_(total_steps(config, train_)),
      schedule_(schedule_options(config, total_steps_)),
      clock_(std::make_unique<Clock>()) {
  if (config.schedule == optim::Decay::plateau && valid_.empty()) {
    fail("training: the schedule plateau goes by the validation loss; got no validation pairs");
  }
  if (config.stop_on == StopOn::bleu && valid_.empty()) {
    fail("training: BLEU decides on validation pairs; got none");
  }
  lock_ = lock_folder(directory_);
  for (const char* name : {"best", "last"}) {  // a finished run, resumed, writes neither again
    remove_abandoned(directory_ / name);
  }
  check_run_directory(directory_, resume);
  const std::string corpus = checksum(translator_, train_, valid_);
  if (resume && has_checkpoint(directory_)) {
    // Other pairs make other words, so a model of other sizes: they are told apart first.
    if (const std::string own = load_trainer_state(directory_ / "last").corpus; own != corpus) {
      fail("{}: the sentence pairs are not those of the run; got checksum {}; expected {}",
           directory_.string(), corpus, own);
    }
    state_ = load_checkpoint(directory_ / "last", *translator_.model, *optimizer_, average_);
    default_generator() = Generator(state_.rng_seed, state_.rng_position);
    if (state_.step > 0) {
      optimizer_->set_lr(learning_rate(state_.step));  // the log tells it, maybe before a step
    }
  }
  state_.corpus = corpus;
  state_.log_bytes = cut_log(directory_ / kLogName, state_.log_bytes);
}

Trainer::~Trainer() = default;

bool Trainer::out_of_steps() const { return config_.steps > 0 && state_.step >= config_.steps; }

bool Trainer::finished() const {
  const bool validated = state_.validated_step == state_.step;
  return state_.epoch >= config_.epochs || (out_of_steps() && validated) ||
         (config_.patience > 0 && state_.epochs_since_best >= config_.patience);
}

double Trainer::train_loss() const {
  return state_.epoch_loss / static_cast<double>(std::max<std::int64_t>(state_.epoch_tokens, 1));
}

double Trainer::learning_rate(std::int64_t step) const {
  return schedule_.lr(step) * state_.plateau.factor *
         std::pow(kRollbackFactor, static_cast<double>(state_.rollbacks));
}

/// The gradients of the mean loss over all target tokens of the batches; returns the sum of their
/// losses.
double Trainer::backward(const std::vector<data::Batch>& batches) {
  std::int64_t tokens = 0;
  for (const data::Batch& batch : batches) {
    tokens += batch.target_tokens;
  }
  const TeacherForcing forcing{forcing_ratio(config_, state_.step + 1, total_steps_),
                               config_.forcing_by};
  double total = 0;
  for (const data::Batch& batch : batches) {
    Tensor loss = translator_.model->loss(batch, forcing, Reduction::mean, config_.label_smoothing);
    total += loss.item() * static_cast<double>(batch.target_tokens);
    if (batches.size() > 1) {
      loss = loss * (static_cast<double>(batch.target_tokens) / static_cast<double>(tokens));
    }
    loss.backward();
  }
  return total;
}

/// A loss or a gradient is not finite: the step is not made.
void Trainer::handle_nan(double loss, double norm, const TrainingHooks& hooks) {
  const std::string what = fmt::format("not finite at step {}; got loss {} and gradient norm {}",
                                       state_.step + 1, loss, norm);
  const auto tell = [&](const std::string& consequence) {
    if (hooks.on_trouble) {
      hooks.on_trouble(fmt::format("{}; {}", what, consequence));
    }
  };
  if (config_.on_nan == OnNan::skip && ++state_.skipped_in_row <= kMostTrouble) {
    return tell("the step is left out");
  }
  const std::int64_t rollbacks = state_.rollbacks + 1;
  if (config_.on_nan == OnNan::rollback && rollbacks <= kMostTrouble &&
      has_checkpoint(directory_)) {
    state_ = load_checkpoint(directory_ / "last", *translator_.model, *optimizer_, average_);
    default_generator() = Generator(state_.rng_seed, state_.rng_position);
    state_.rollbacks = rollbacks;
    return tell(fmt::format("back to step {} with half the learning rate", state_.step));
  }
  fail("train: {}; hint: a lower --lr", what);
}

void Trainer::step(const std::vector<data::Batch>& batches, const TrainingHooks& hooks) {
  clock_->start_step();
  optimizer_->zero_grad();
  const double loss = backward(batches);
  const double norm = optim::clip_grad_norm_(
      translator_.model->parameters(),
      config_.clip > 0 ? config_.clip : std::numeric_limits<double>::infinity());
  const bool finite = std::isfinite(loss) && std::isfinite(norm);
  state_.batch += std::ssize(batches);
  if (!finite) {
    return handle_nan(loss, norm, hooks);
  }
  optimizer_->set_lr(learning_rate(state_.step + 1));
  optimizer_->step();
  ++state_.step;
  state_.skipped_in_row = 0;
  average_.after_step(state_.step);
  std::int64_t tokens = 0;
  for (const data::Batch& batch : batches) {
    tokens += batch.target_tokens;
  }
  state_.epoch_loss += loss;
  state_.epoch_tokens += tokens;
  clock_->end_step(tokens);
}

void Trainer::save_last() {
  check_finite(*translator_.model, state_.step);
  state_.rng_seed = default_generator().seed();
  state_.rng_position = default_generator().position();
  save_checkpoint(directory_ / "last", translator_, *optimizer_, average_, state_);
}

void Trainer::log(const EpochReport& report) {
  Json line = {{"epoch", report.epoch},
               {"step", report.step},
               {"train_loss", report.train_loss},
               {"lr", optimizer_->lr()},
               {"best", report.best},
               {"tokens_per_second", report.tokens_per_second}};
  if (report.valid_bleu) {
    line["valid_bleu"] = *report.valid_bleu;
  }
  if (report.valid_loss) {
    line["valid_loss"] = *report.valid_loss;
    line["valid_perplexity"] = std::exp(*report.valid_loss);
  }
  const std::string text = line.dump() + '\n';
  File file = File::append(directory_ / kLogName);
  file.write(text);
  file.close();
  sync(directory_ / kLogName, (directory_ / kLogName).string());
  state_.log_bytes += text.size();
}

/// Measures the model on the validation pairs; whether it is the best so far.
bool Trainer::judge(EpochReport& report, const TrainingHooks& hooks) {
  report.valid_loss = mean_loss(*translator_.model, valid_, config_.batch);
  if (!std::isfinite(*report.valid_loss)) {
    fail("train: validation loss not finite after step {}; got {}; hint: a lower --lr", state_.step,
         *report.valid_loss);
  }
  bool best = *report.valid_loss < state_.best_loss;
  state_.best_loss = std::min(state_.best_loss, *report.valid_loss);
  if (config_.stop_on == StopOn::bleu) {
    translator_.model->eval();
    report.valid_bleu = hooks.valid_bleu(translator_);
    translator_.model->train();
    best = *report.valid_bleu > state_.best_bleu;
    state_.best_bleu = std::max(state_.best_bleu, *report.valid_bleu);
  }
  return best;
}

void Trainer::validate_and_save(const TrainingHooks& hooks, bool end_of_epoch) {
  check_finite(*translator_.model, state_.step);
  if (end_of_epoch) {
    average_.after_epoch();
  }
  EpochReport report{.epoch = state_.epoch + 1,
                     .step = state_.step,
                     .train_loss = train_loss(),
                     .valid_loss = {},
                     .valid_bleu = {},
                     .best = true,
                     .tokens_per_second = clock_->rate()};
  {
    const WeightAverage::Guard averaged(average_);
    if (!valid_.empty()) {
      report.best = judge(report, hooks);
    }
    if (report.best) {
      save_model(directory_ / "best", translator_);
    }
  }
  state_.validated_step = state_.step;
  if (end_of_epoch) {
    state_.epochs_since_best = report.best ? 0 : state_.epochs_since_best + 1;
    if (config_.schedule == optim::Decay::plateau) {
      optim::Plateau plateau(plateau_options(config_), state_.plateau);
      plateau.observe(*report.valid_loss);
      state_.plateau = plateau.state();
    }
    ++state_.epoch;
    state_.batch = 0;
    state_.epoch_loss = 0;
    state_.epoch_tokens = 0;
  }
  log(report);
  save_last();
  if (hooks.on_epoch) {
    hooks.on_epoch(report);
  }
}

data::Batch Trainer::augmented_batch(const std::vector<std::int64_t>& rows) const {
  const data::Augmenter augmenter(config_.augment, config_.seed, translator_.source,
                                  translator_.target);
  std::vector<data::SentencePair> pairs;
  std::vector<std::int64_t> all;
  for (const std::int64_t row : rows) {
    all.push_back(std::ssize(all));
    pairs.push_back(augmenter.make(train_[static_cast<std::size_t>(row)], row, state_.epoch));
  }
  return data::make_batch(pairs, all);
}

/// The batches of the next step.
std::vector<data::Batch> Trainer::next_batches(const data::BatchPlan& plan) const {
  std::vector<data::Batch> batches;
  const std::int64_t end = std::min(state_.batch + config_.accumulate, std::ssize(plan));
  for (std::int64_t i = state_.batch; i < end; ++i) {
    const std::vector<std::int64_t>& rows = plan[static_cast<std::size_t>(i)];
    batches.push_back(config_.augment.active() ? augmented_batch(rows)
                                               : data::make_batch(train_, rows));
  }
  return batches;
}

TrainingResult Trainer::run(const TrainingHooks& hooks) {
  if (config_.stop_on == StopOn::bleu && !hooks.valid_bleu) {
    fail("training: BLEU decides; got no hook valid_bleu that measures it");
  }
  bool interrupted = false;
  const auto ask = [&] { interrupted = hooks.should_stop && hooks.should_stop(); };
  while (!finished() && !interrupted) {
    const data::BatchPlan plan = data::plan_training(train_, config_.batch, config_.seed,
                                                     static_cast<std::uint64_t>(state_.epoch));
    const std::int64_t epoch = state_.epoch;
    while (state_.batch < std::ssize(plan) && !out_of_steps() && !interrupted) {
      step(next_batches(plan), hooks);
      if (state_.epoch != epoch) {
        break;  // back to a checkpoint of another epoch
      }
      if (hooks.on_step) {
        hooks.on_step({state_.step, state_.epoch + 1, config_.epochs, state_.batch,
                       std::ssize(plan), train_loss(), optimizer_->lr(), clock_->rate()});
      }
      ask();
      if (interrupted || (config_.save_every > 0 && state_.step % config_.save_every == 0)) {
        save_last();
      }
    }
    if (!interrupted && state_.epoch == epoch) {
      validate_and_save(hooks, state_.batch == std::ssize(plan));
      ask();
    }
  }
  const bool validated = !valid_.empty() && state_.validated_step > 0;
  return {state_.step, state_.epoch, validated ? std::optional(state_.best_loss) : std::nullopt,
          clock_->rate(), interrupted};
}

}  // namespace weft::models
