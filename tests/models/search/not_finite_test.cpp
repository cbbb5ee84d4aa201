#include <limits>

#include "data/text/vocabulary.hpp"
#include "models/search/decode.hpp"
#include "tests/catch.hpp"
#include "tests/models/tiny.hpp"

// What a search makes of predictions that are NaN or infinite.
namespace weft::models {
namespace {

constexpr std::int64_t kWords = 11;
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

// Logits [V] of a step, the first being 1.
using Script = std::function<std::vector<float>(std::int64_t step)>;

class ScriptedSession : public Session {
 public:
  ScriptedSession(const Script& script, std::int64_t rows) : script_(script), rows_(rows) {}

  Prediction step(const Tensor& /*tokens*/) override {
    const std::vector<float> row = script_(++steps_);
    std::vector<float> all;
    for (std::int64_t i = 0; i < rows_; ++i) {
      all.insert(all.end(), row.begin(), row.end());
    }
    return {tensor(all, {rows_, std::ssize(row)}), {}};
  }
  void select(const Tensor& rows) override { rows_ = rows.numel(); }
  void join(std::unique_ptr<Session> /*other*/) override {}

 private:
  const Script& script_;
  std::int64_t rows_;
  std::int64_t steps_ = 0;
};

class ScriptedModel : public Seq2Seq {
 public:
  explicit ScriptedModel(Script script)
      : Seq2Seq(tiny_config("tutorial")), script_(std::move(script)) {}
  std::unique_ptr<Session> open(const data::SourceBatch& batch) const override {
    return std::make_unique<ScriptedSession>(script_, batch.source.size(1));
  }

 private:
  Script script_;
};

std::vector<std::vector<Hypothesis>> search(const Script& script, const DecodeOptions& options) {
  const std::vector<std::vector<std::int64_t>> sources = {{4, 5}, {6}};
  return decode(ScriptedModel(script), data::make_source_batch(sources, {0, 1}), options);
}

// Every way to search; no translation ends before it must.
std::vector<DecodeOptions> ways() {
  return {{.max_length = 6},
          {.max_length = 6, .scores = true},
          {.beam = 3, .max_length = 6},
          {.max_length = 6, .temperature = 1},
          {.max_length = 6, .temperature = 0.5, .top_k = 3, .top_p = 0.9}};
}

TEST_CASE("predictions that are not finite are an error that names the step") {
  struct Fault {
    float value;
    std::int64_t token;
  };
  for (const DecodeOptions& options : ways()) {
    for (const Fault& fault : std::vector<Fault>{{kNaN, 2}, {kNaN, 7}, {kNaN, 10}, {kInf, 7}}) {
      CAPTURE(options.beam, options.temperature, options.scores, fault.value, fault.token);
      const auto script = [&](std::int64_t step) {
        std::vector<float> row(kWords, 0);
        row[data::kEos] = -kInf;  // a token may be impossible
        if (step == 3) {
          row[static_cast<std::size_t>(fault.token)] = fault.value;
        }
        return row;
      };
      CHECK_THROWS_WITH(
          search(script, options),
          Catch::Matchers::StartsWith("search: log-probabilities not finite at step 3; got "));
    }
  }
}

TEST_CASE("a model that calls every token impossible is at fault") {
  const auto script = [](std::int64_t step) {
    std::vector<float> row(kWords, step < 2 ? 0 : -kInf);
    row[data::kEos] = -kInf;
    return row;
  };
  for (const DecodeOptions& options : ways()) {
    CAPTURE(options.beam, options.temperature, options.scores);
    CHECK_THROWS_WITH(search(script, options), Catch::Matchers::Contains("step 2; got -inf"));
  }
}

TEST_CASE("a model may call all tokens but one impossible, however improbable that is") {
  const auto script = [](std::int64_t /*step*/) {
    std::vector<float> row(kWords, -kInf);
    row[5] = -3e38F;
    return row;
  };
  for (const DecodeOptions& options : ways()) {
    CAPTURE(options.beam, options.temperature, options.scores);
    CHECK(search(script, options)[0][0].tokens == std::vector<std::int64_t>(6, 5));
  }
}

TEST_CASE("constraints may exclude every token: the model is not at fault") {
  const auto script = [](std::int64_t /*step*/) {
    std::vector<float> row(kWords, -kInf);
    row[data::kEos] = 0;
    row[5] = 1;
    return row;
  };
  for (DecodeOptions options : ways()) {
    CAPTURE(options.beam, options.temperature, options.scores);
    options.min_length = 4;
    options.no_repeat_ngram = 1;  // after the only word there is nothing to say, and no end
    CHECK_NOTHROW(search(script, options));
  }
}

}  // namespace
}  // namespace weft::models
