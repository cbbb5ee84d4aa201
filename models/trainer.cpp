#include "models/trainer.hpp"

#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>

#include "autograd/tape.hpp"
#include "models/atomic_directory.hpp"
#include "models/file.hpp"
#include "models/model_files.hpp"
#include "optim/clip.hpp"
#include "optim/plateau.hpp"

namespace weft::models {
namespace {

constexpr std::int64_t kStepsNotTimed = 10;  // caches and thread pools are still warming up
constexpr const char* kLogName = "log.jsonl";

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

optim::ScheduleOptions schedule_options(const TrainingConfig& config, std::int64_t total) {
  return {.decay = config.schedule,
          .peak = config.lr,
          .warmup = config.warmup,
          .total = total,
          .every = config.decay_every,
          .gamma = config.decay_factor};
}

optim::PlateauOptions plateau_options(const TrainingConfig& config) {
  return {.factor = config.decay_factor, .patience = config.decay_patience};
}

/// The steps of a whole training.
std::int64_t total_steps(const TrainingConfig& config,
                         const std::vector<data::SentencePair>& train) {
  validate(config);
  const std::int64_t batches = std::ssize(data::plan_training(train, config.batch, config.seed, 0));
  const std::int64_t all = config.epochs * batches;
  return config.steps > 0 ? std::min(config.steps, all) : all;
}

/// Makes the run directory, if need be, and takes it.
std::unique_ptr<FolderLock> lock_folder(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    fail("{}: cannot make the run directory; got: {}", directory.string(), error.message());
  }
  return std::make_unique<FolderLock>(directory);
}

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

bool has_checkpoint(const std::filesystem::path& directory) {
  return is_there(published_directory(directory / "last") / kTrainerName);
}

/// How many epochs a run directory tells of.
std::int64_t logged_epochs(const std::filesystem::path& directory) {
  std::ifstream log(directory / kLogName);
  return std::count(std::istreambuf_iterator<char>(log), {}, '\n');
}

/// Cuts off what a killed run logged after its last save, which will be logged again. Returns the
/// length of the log: less than `bytes` if somebody shortened it.
std::uint64_t cut_log(const std::filesystem::path& log, std::uint64_t bytes) {
  std::ofstream(log, std::ios::app).close();
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(log, error);
  if (!error) {
    std::filesystem::resize_file(log, std::min(size, bytes), error);
  }
  if (error) {
    fail("{}: cannot write the file; got: {}", log.string(), error.message());
  }
  return std::min(size, bytes);
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

void validate(const TrainingConfig& config) {
  const auto at_least = [](std::string_view field, std::int64_t value, std::int64_t low) {
    if (value < low) {
      fail("training: {} out of range; got {}; expected at least {}", field, value, low);
    }
  };
  at_least("batch", config.batch.count, 1);
  at_least("epochs", config.epochs, 1);
  at_least("steps", config.steps, 0);
  at_least("warmup", config.warmup, 0);
  at_least("decay_every", config.decay_every, 1);
  at_least("decay_patience", config.decay_patience, 0);
  at_least("patience", config.patience, 0);
  at_least("save_every", config.save_every, 0);
  if (!(config.clip >= 0)) {
    fail("training: clip out of range; got {}; expected at least 0", config.clip);
  }
  if (!(config.teacher_forcing >= 0 && config.teacher_forcing <= 1)) {
    fail("training: teacher_forcing out of range; got {}; expected [0, 1]", config.teacher_forcing);
  }
  if (!(config.label_smoothing >= 0 && config.label_smoothing < 1)) {
    fail("training: label_smoothing out of range; got {}; expected [0, 1)", config.label_smoothing);
  }
  if (!(config.decay_factor > 0 && config.decay_factor < 1)) {
    fail("training: decay_factor out of range; got {}; expected 0 < decay_factor < 1",
         config.decay_factor);
  }
  optim::Schedule(schedule_options(config, 1));
}

void check_run_directory(const std::filesystem::path& directory, bool resume) {
  const std::int64_t epochs = logged_epochs(directory);
  const bool resumable = has_checkpoint(directory);
  if (!resume && (resumable || epochs > 0 || is_there(published_directory(directory / "best")))) {
    fail("{}: holds a run already; hint: --resume goes on with it", directory.string());
  }
  // A run that was killed in its first save has logged one epoch and has no last/: it begins anew.
  if (resume && !resumable && epochs > 1) {
    fail("{}: cannot go on without last/; got a run of {} epochs; expected last/ or a new run",
         directory.string(), epochs);
  }
}

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
      schedule_(schedule_options(config, total_steps(config, train_))),
      clock_(std::make_unique<Clock>()) {
  if (config.schedule == optim::Decay::plateau && valid_.empty()) {
    fail("training: the schedule plateau goes by the validation loss; got no validation pairs");
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
    state_ = load_checkpoint(directory_ / "last", *translator_.model, *optimizer_);
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

double Trainer::learning_rate(std::int64_t step) const {
  return schedule_.lr(step) * state_.plateau.factor;
}

void Trainer::step(const data::Batch& batch) {
  clock_->start_step();
  optimizer_->zero_grad();
  const Tensor loss = translator_.model->loss(batch, {.ratio = config_.teacher_forcing},
                                              Reduction::mean, config_.label_smoothing);
  loss.backward();
  const double norm = optim::clip_grad_norm_(
      translator_.model->parameters(),
      config_.clip > 0 ? config_.clip : std::numeric_limits<double>::infinity());
  if (!std::isfinite(loss.item()) || !std::isfinite(norm)) {
    fail("train: not finite at step {}; got loss {} and gradient norm {}; hint: a lower --lr",
         state_.step + 1, loss.item(), norm);
  }
  optimizer_->set_lr(learning_rate(state_.step + 1));
  optimizer_->step();
  ++state_.step;
  ++state_.batch;
  state_.epoch_loss += loss.item() * static_cast<double>(batch.target_tokens);
  state_.epoch_tokens += batch.target_tokens;
  clock_->end_step(batch.target_tokens);
}

void Trainer::save_last() {
  check_finite(*translator_.model, state_.step);
  state_.rng_seed = default_generator().seed();
  state_.rng_position = default_generator().position();
  save_checkpoint(directory_ / "last", translator_, *optimizer_, state_);
}

void Trainer::log(const EpochReport& report) {
  Json line = {{"epoch", report.epoch},
               {"step", report.step},
               {"train_loss", report.train_loss},
               {"lr", optimizer_->lr()},
               {"best", report.best},
               {"tokens_per_second", report.tokens_per_second}};
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

void Trainer::validate_and_save(const TrainingHooks& hooks, bool end_of_epoch) {
  check_finite(*translator_.model, state_.step);
  EpochReport report{.epoch = state_.epoch + 1,
                     .step = state_.step,
                     .train_loss = state_.epoch_loss / static_cast<double>(state_.epoch_tokens),
                     .valid_loss = {},
                     .best = true,
                     .tokens_per_second = clock_->rate()};
  if (!valid_.empty()) {
    report.valid_loss = mean_loss(*translator_.model, valid_, config_.batch);
    if (!std::isfinite(*report.valid_loss)) {
      fail("train: validation loss not finite after step {}; got {}; hint: a lower --lr",
           state_.step, *report.valid_loss);
    }
    report.best = *report.valid_loss < state_.best_loss;
    state_.best_loss = std::min(state_.best_loss, *report.valid_loss);
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
  if (report.best) {
    save_model(directory_ / "best", translator_);
  }
  log(report);
  save_last();
  if (hooks.on_epoch) {
    hooks.on_epoch(report);
  }
}

TrainingResult Trainer::run(const TrainingHooks& hooks) {
  bool interrupted = false;
  const auto ask = [&] { interrupted = hooks.should_stop && hooks.should_stop(); };
  while (!finished() && !interrupted) {
    const data::BatchPlan plan = data::plan_training(train_, config_.batch, config_.seed,
                                                     static_cast<std::uint64_t>(state_.epoch));
    while (state_.batch < std::ssize(plan) && !out_of_steps() && !interrupted) {
      step(data::make_batch(train_, plan[static_cast<std::size_t>(state_.batch)]));
      if (hooks.on_step) {
        hooks.on_step({state_.step, state_.epoch + 1, config_.epochs, state_.batch,
                       std::ssize(plan),
                       state_.epoch_loss / static_cast<double>(state_.epoch_tokens),
                       optimizer_->lr(), clock_->rate()});
      }
      ask();
      if (interrupted || (config_.save_every > 0 && state_.step % config_.save_every == 0)) {
        save_last();
      }
    }
    if (!interrupted) {
      validate_and_save(hooks, state_.batch == std::ssize(plan));
      ask();
    }
  }
  const bool validated = !valid_.empty() && state_.validated_step > 0;
  return {state_.step, state_.epoch, validated ? std::optional(state_.best_loss) : std::nullopt,
          clock_->rate(), interrupted};
}

}  // namespace weft::models
