#include "models/training/checkpoint.hpp"

#include <limits>

#include "optim/adam.hpp"
#include "optim/sgd.hpp"
#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/training/training.hpp"

namespace weft::models {
namespace {

WeightAverage no_average(0, 1, {});

namespace fs = std::filesystem;
using data::TemporaryFolder;

// Every field has a value that decimal digits would not reproduce by chance.
TrainerState odd_state() {
  return {.step = 12345678901,
          .epoch = 7,
          .batch = 3,
          .epoch_loss = 1.0 / 3,
          .epoch_tokens = 99,
          .best_loss = 0.1 + 0.2,
          .epochs_since_best = 2,
          .plateau = {.best = 0.2 + 0.1, .waited = 5, .factor = 1.0 / 3},
          .rng_seed = ~std::uint64_t{0},
          .rng_position = (std::uint64_t{1} << 63) + 1,
          .log_bytes = 512,
          .data_checksum = "0123456789abcdef"};
}

void check_same(const TrainerState& a, const TrainerState& b) {
  CHECK(a.step == b.step);
  CHECK(a.epoch == b.epoch);
  CHECK(a.batch == b.batch);
  CHECK(a.epoch_loss == b.epoch_loss);
  CHECK(a.epoch_tokens == b.epoch_tokens);
  CHECK(a.best_loss == b.best_loss);
  CHECK(a.epochs_since_best == b.epochs_since_best);
  CHECK(a.plateau.best == b.plateau.best);
  CHECK(a.plateau.waited == b.plateau.waited);
  CHECK(a.plateau.factor == b.plateau.factor);
  CHECK(a.rng_seed == b.rng_seed);
  CHECK(a.rng_position == b.rng_position);
  CHECK(a.log_bytes == b.log_bytes);
  CHECK(a.data_checksum == b.data_checksum);
}

void take_steps(Translator& translator, optim::Optimizer& optimizer, int steps) {
  const data::Batch batch = data::make_batch(copy_task(4), {0, 1, 2, 3});
  for (int i = 0; i < steps; ++i) {
    optimizer.zero_grad();
    translator.model->loss(batch).backward();
    optimizer.step();
  }
}

template <class Optimizer>
void check_round_trip(const auto& options) {
  const TemporaryFolder folder;
  const fs::path last = folder.path("last");
  Translator written = tiny_translator();
  Optimizer optimizer(written.model->named_parameters(), options);
  take_steps(written, optimizer, 2);
  save_checkpoint(last, saved(written), optimizer, no_average, odd_state());

  Translator read = tiny_translator("bahdanau2015", 0, 2);
  Optimizer other(read.model->named_parameters(), options);
  REQUIRE_FALSE(same_parameters(*written.model, *read.model));
  check_same(load_checkpoint(last, *read.model, other, no_average), odd_state());
  CHECK(same_parameters(*written.model, *read.model));
  const optim::NamedTensors own = optimizer.state();
  const optim::NamedTensors theirs = other.state();
  REQUIRE(own.size() == theirs.size());
  for (std::size_t i = 0; i < own.size(); ++i) {
    CHECK(own[i].first == theirs[i].first);
    CHECK(identical(own[i].second, theirs[i].second));
  }
  take_steps(written, optimizer, 1);
  take_steps(read, other, 1);
  CHECK(same_parameters(*written.model, *read.model));
}

TEST_CASE("a checkpoint gives back parameters, optimizer and trainer bit for bit") {
  SECTION("Adam") { check_round_trip<optim::Adam>(optim::AdamOptions{.lr = 0.01}); }
  SECTION("SGD") { check_round_trip<optim::SGD>(optim::SGDOptions{.lr = 0.01, .momentum = 0.9}); }
  SECTION("SGD without a state") { check_round_trip<optim::SGD>(optim::SGDOptions{.lr = 0.01}); }
}

TEST_CASE("the state before the first validation comes back too") {
  const TemporaryFolder folder;
  Translator translator = tiny_translator();
  optim::Adam adam(translator.model->named_parameters());
  save_checkpoint(folder.path("last"), saved(translator), adam, no_average, {});
  check_same(load_checkpoint(folder.path("last"), *translator.model, adam, no_average), {});
}

TEST_CASE("a model directory is no checkpoint, a checkpoint is a model directory") {
  const TemporaryFolder folder;
  Translator translator = tiny_translator();
  optim::Adam adam(translator.model->named_parameters());
  save_model(folder.path("best"), translator);
  CHECK(contains(message_of([&] {
                   load_checkpoint(folder.path("best"), *translator.model, adam, no_average);
                 }),
                 "does not list trainer.json"));
  save_checkpoint(folder.path("last"), saved(translator), adam, no_average, {});
  CHECK(same_parameters(*Translator::load(folder.path("last")).model, *translator.model));
}

TEST_CASE("every bad field of trainer.json is named") {
  const TemporaryFolder folder;
  const fs::path last = folder.path("last");
  Translator translator = tiny_translator();
  optim::Adam adam(translator.model->named_parameters());
  save_checkpoint(last, saved(translator), adam, no_average, odd_state());
  const auto load = [&] { load_checkpoint(last, *translator.model, adam, no_average); };
  const Json good = read_json_strict(last / kTrainerName);
  for (const auto& item : good.items()) {
    const std::string& field = item.key();
    INFO(field);
    forge_json(last, kTrainerName, [&](Json& json) { json[field] = Json::array(); });
    CHECK(contains(message_of(load), fmt::format("trainer.json: field '{}'", field)));
    if (field == "format") {
      forge_json(last, kTrainerName, [&](Json& json) { json = good; });
      continue;  // without it, the file is one of version 1
    }
    forge_json(last, kTrainerName, [&](Json& json) { json.erase(field); });
    CHECK(contains(message_of(load), fmt::format("trainer.json: field '{}'", field)));
    forge_json(last, kTrainerName, [&](Json& json) { json = good; });
  }
  CHECK(message_of(load) == "no error");
  forge_json(last, kTrainerName, [](Json& json) { json["step"] = -1; });
  CHECK(contains(message_of(load), "field 'step'"));
  const auto refuses = [&](const char* field, std::int64_t value) {
    forge_json(last, kTrainerName, [&](Json& json) { json = good, json[field] = value; });
    CHECK(contains(message_of(load), fmt::format("trainer.json: field '{}'", field)));
  };
  refuses("validated_step", odd_state().step + 1);
  refuses("epochs_since_best", odd_state().epoch + 1);
  refuses("rollbacks", 11);
  refuses("skipped_in_row", 11);
  refuses("plateau_factor", 2);
  refuses("step", 1'000'000'000'000'000);
  refuses("epoch", 1'000'000'000'000'000);
  for (const char* const loss : {"epoch_loss", "best_loss", "plateau_best"}) {
    refuses(loss, -1);
  }
  forge_json(last, kTrainerName, [&](Json& json) { json = good, json["pace"] = 1; });
  CHECK(contains(message_of(load), "pace"));
}

TEST_CASE("what is not finite is not written, and the old directory stays") {
  const TemporaryFolder folder;
  const fs::path last = folder.path("last");
  Translator translator = tiny_translator();
  optim::Adam adam(translator.model->named_parameters());
  save_checkpoint(last, saved(translator), adam, no_average, {});
  const auto before = folder_bytes(last);
  const auto save = [&] { save_checkpoint(last, saved(translator), adam, no_average, {}); };
  Tensor moment = adam.state().back().second;
  moment.mutable_data<float>()[0] = std::numeric_limits<float>::infinity();
  CHECK(contains(message_of(save), "last/optimizer.safetensors: tensor '"));
  moment.mutable_data<float>()[0] = 0;
  Tensor bias = translator.model->parameters().back();
  bias.mutable_data<float>()[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK(contains(message_of(save), "last/model.safetensors: tensor 'output.bias': element 3"));
  CHECK((folder_bytes(last) == before));
}

TEST_CASE("an average that was begun has to be there") {
  const TemporaryFolder folder;
  const fs::path last = folder.path("last");
  Translator translator = tiny_translator();
  optim::Adam adam(translator.model->named_parameters());
  WeightAverage average(0.9, 1, translator.model->named_parameters());
  save_checkpoint(last, saved(translator), adam, average, {});
  CHECK_NOTHROW(load_checkpoint(last, *translator.model, adam, average));
  save_checkpoint(last, saved(translator), adam, average, odd_state());
  CHECK(contains(message_of([&] { load_checkpoint(last, *translator.model, adam, average); }),
                 "last/manifest.json: does not list average.safetensors"));
}

TEST_CASE("a trainer.json of the first version is read") {
  const TemporaryFolder folder;
  const fs::path last = folder.path("last");
  Translator translator = tiny_translator();
  optim::Adam adam(translator.model->named_parameters());
  save_checkpoint(last, saved(translator), adam, no_average, odd_state());
  forge_json(last, kTrainerName, [](Json& json) {
    json.erase("format");
    json.erase("best_score");
    json.erase("data_checksum");
    json["best_bleu"] = 12.5;
    json["corpus"] = "0123456789abcdef";
  });
  const TrainerState state = load_checkpoint(last, *translator.model, adam, no_average);
  check_same(state, odd_state());
  CHECK(state.best_score == 12.5);
  forge_json(last, kTrainerName, [](Json& json) { json["best_score"] = 1; });
  CHECK(contains(message_of([&] { load_trainer_state(last); }),
                 "trainer.json: unknown field 'best_bleu'"));
}

TEST_CASE("a checkpoint of another optimizer or another model is an error") {
  const TemporaryFolder folder;
  const fs::path last = folder.path("last");
  Translator translator = tiny_translator();
  optim::SGD sgd(translator.model->named_parameters(), {.lr = 0.1, .momentum = 0.9});
  save_checkpoint(last, saved(translator), sgd, no_average, {});
  optim::Adam adam(translator.model->named_parameters());
  CHECK(contains(message_of([&] { load_checkpoint(last, *translator.model, adam, no_average); }),
                 "load_state"));

  Translator tutorial = tiny_translator("tutorial");
  optim::SGD other(tutorial.model->named_parameters(), {.lr = 0.1, .momentum = 0.9});
  CHECK(contains(message_of([&] { load_checkpoint(last, *tutorial.model, other, no_average); }),
                 "load_state: parameter 'attention.key.weight' does not fit"));
}

}  // namespace
}  // namespace weft::models
