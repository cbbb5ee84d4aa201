#include "models/training/task.hpp"

#include <fstream>
#include <sstream>

#include "autograd/ops.hpp"
#include "models/training/trainer.hpp"
#include "nn/dropout.hpp"
#include "nn/embedding.hpp"
#include "nn/linear.hpp"
#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/training/short_runs.hpp"

// A task without text, sentences or a translator: everything that a trainer needs from a task.
namespace weft::models {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDigits = 10;
constexpr std::int64_t kFileBatches = 5;  // in the file
constexpr std::int64_t kBatchSize = 8;

struct DigitModel : nn::Module {
  DigitModel() : embedding(kDigits, 6), dropout(0.1), output(6, kDigits) {
    child("embedding", embedding);
    child("dropout", dropout);
    child("output", output);
  }
  nn::Embedding embedding;
  nn::Dropout dropout;
  nn::Linear output;
};

// Learns y = 3 x + 1 modulo 10 from a file of digits, which it reads one batch at a time.
class DigitTask : public Task {
 public:
  explicit DigitTask(std::string file) : file_(std::move(file)) {}

  nn::Module& module() override { return model_; }
  std::int64_t num_batches(std::int64_t) override { return kFileBatches; }
  data::Batch batch(std::int64_t epoch, std::int64_t index) override {
    std::ifstream file(file_);
    file.seekg((epoch + index) % kFileBatches * kBatchSize);
    data::Batch batch;
    batch.source = empty({kBatchSize}, DType::int64);
    batch.target_out = empty({kBatchSize}, DType::int64);
    for (std::size_t i = 0; i < kBatchSize; ++i) {
      const std::int64_t digit = file.get() - '0';
      batch.source.mutable_data<std::int64_t>()[i] = digit;
      batch.target_out.mutable_data<std::int64_t>()[i] = (3 * digit + 1) % kDigits;
    }
    batch.target_tokens = kBatchSize;
    return batch;
  }
  Tensor loss(const data::Batch& batch, TeacherForcing, double label_smoothing) override {
    const Tensor features = model_.dropout.forward(model_.embedding.forward(batch.source));
    return cross_entropy(model_.output.forward(features), batch.target_out, -100, Reduction::mean,
                         label_smoothing);
  }
  bool has_validation() const override { return true; }
  double validation_loss() override { return loss(batch(0, 0), {}, 0).item(); }
  std::string_view score_name() const override { return "negative_loss"; }
  double validation_score() override { return -validation_loss(); }
  std::string data_checksum() const override { return file_; }
  void save(DirectoryWriter& writer) const override { writer.write_file("digits.txt", "0 to 9"); }

 private:
  std::string file_;
  DigitModel model_;
};

TrainingConfig digits_run() {
  TrainingConfig config;
  config.epochs = 30;
  config.lr = 0.05;
  config.stop_on = StopOn::score;
  return config;
}

// Trains a new model.
TrainingResult train_digits(const std::string& file, const fs::path& run, bool resume,
                            const TrainingHooks& hooks = {}) {
  Generator generator(4);
  const GeneratorGuard drawing(generator);
  DigitTask task(file);
  return Trainer(task, digits_run(), generator, run, resume).run(hooks);
}

TEST_CASE("a trainer trains whatever a task is made of, and goes on with it") {
  const data::TemporaryFolder folder;
  const std::string file = folder.write("digits", "0123456789987654321001357924680246813579");
  const fs::path whole = folder.path("whole");
  const TrainingResult result = train_digits(file, whole, false);
  CHECK(result.steps == 30 * kFileBatches);
  CHECK(*result.best_valid_loss < 0.1);
  const Json last = log_of(whole).back();
  CHECK(last.at("valid_negative_loss") == -last.at("valid_loss").get<double>());
  CHECK(bytes_of(whole / "best" / "digits.txt") == "0 to 9");

  for (const std::int64_t step : {1, 5, 33}) {
    const fs::path run = folder.path("run" + std::to_string(step));
    CHECK(train_digits(file, run, false, stop_after(step)).interrupted);
    train_digits(file, run, true);
    check_same_run(whole, run);
  }
  const std::string other = folder.write("other", bytes_of(file));
  CHECK(contains(message_of([&] { train_digits(other, whole, true); }),
                 "the data differ from those of the run"));
}

TEST_CASE("training draws from its own generator, and leaves the default one alone") {
  const data::TemporaryFolder folder;
  const std::string file = folder.write("digits", "0123456789987654321001357924680246813579");
  manual_seed(11);
  train_digits(file, folder.path("a"), false);
  CHECK(default_generator().seed() == 11);
  CHECK(default_generator().position() == 0);
  TrainingHooks hooks;
  hooks.on_step = [](const Progress&) { default_generator().bits(); };  // has no effect
  train_digits(file, folder.path("b"), false, hooks);
  check_same_run(folder.path("a"), folder.path("b"));
}

}  // namespace
}  // namespace weft::models
