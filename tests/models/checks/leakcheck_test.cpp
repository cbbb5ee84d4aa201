#include "models/checks/leakcheck.hpp"

#include <algorithm>

#include "models/rnn_seq2seq.hpp"
#include "tests/catch.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {
namespace {

RnnConfig leaky_config() {
  manual_seed(1);
  RnnConfig config = tiny_config("bahdanau2015");
  config.source_vocab = config.target_vocab = leakcheck_vocab();
  return config;
}

// The checks of a report that failed, each with what it found.
std::vector<std::string> failures(const LeakReport& report) {
  std::vector<std::string> found;
  for (const LeakReport::Row& row : report.rows) {
    if (!row.ok) {
      found.push_back(row.check);
    }
  }
  return found;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

// A sound model, but for one bug that a subclass plants.
class Sound : public RnnSeq2Seq {
 public:
  Sound() : RnnSeq2Seq(leaky_config()) {}
};

class ReadsPaddingAsSource : public Sound {
  Memory encode(const Tensor& source, const Tensor& lengths) const override {
    const auto S = static_cast<double>(source.size(0));
    return Sound::encode(source, full(lengths.shape(), S, DType::int64));
  }
};

class AttendsToPadding : public Sound {
  Memory encode(const Tensor& source, const Tensor& lengths) const override {
    Memory memory = Sound::encode(source, lengths);
    memory.padding = zeros_like(memory.padding);
    return memory;
  }
};

class SeesTheNextToken : public Sound {
  Tensor teach(const Memory& memory, const Tensor& target_in) const override {
    const std::int64_t T = target_in.size(0);
    const Tensor next = cat({narrow(target_in, 0, 1, T - 1), narrow(target_in, 0, T - 1, 1)}, 0);
    return Sound::teach(memory, next);
  }
};

class MixesSentences : public Sound {
  Tensor teach(const Memory& memory, const Tensor& target_in) const override {
    const Tensor features = Sound::teach(memory, target_in);  // [T, B, F]
    return features + mean(features, {1}, true);
  }
};

class ReadsNothing : public Sound {
  Tensor project(const Tensor& features) const override { return Sound::project(features * 0); }
};

TEST_CASE("the presets leak nothing, whatever they are made of") {
  for (const std::string_view name : preset_names()) {
    const std::uint64_t position = default_generator().position();
    const std::vector<VariantLeaks> found = leakcheck_variants(std::string(name));
    CHECK(found.size() >= 20);
    CHECK(default_generator().position() == position);
    for (const auto& [variant, report] : found) {
      INFO(name << ", " << variant);
      CHECK(report.ok());
      CHECK(report.rows.size() == 5);
      CHECK(failures(report).empty());
    }
  }
}

TEST_CASE("a report without rows proves nothing") { CHECK_FALSE(LeakReport{}.ok()); }

TEST_CASE("a model of its own passes, and the report says what was counted") {
  const LeakReport report = leakcheck(Sound());
  CHECK(report.ok());
  REQUIRE(report.rows.size() >= 4);
  CHECK(report.rows[0].check == "future");
  CHECK(report.rows[1].check == "neighbors");
  CHECK(report.rows[2].check == "padding");
  CHECK(report.rows[3].check == "content");
}

TEST_CASE("an encoder that is not told the lengths is caught") {
  const std::vector<std::string> found = failures(leakcheck(ReadsPaddingAsSource()));
  CHECK(has(found, "padding"));
  CHECK(has(found, "content"));
  CHECK_FALSE(has(found, "future"));
}

TEST_CASE("attention without a mask is caught") {
  CHECK(failures(leakcheck(AttendsToPadding())) == std::vector<std::string>{"amount"});
}

TEST_CASE("a decoder that sees the token it has to predict is caught") {
  CHECK(has(failures(leakcheck(SeesTheNextToken())), "future"));
}

TEST_CASE("a model that mixes the sentences of a batch is caught") {
  CHECK(has(failures(leakcheck(MixesSentences())), "neighbors"));
}

TEST_CASE("a dead model is no proof") {
  const LeakReport report = leakcheck(ReadsNothing());
  CHECK_FALSE(report.ok());
  CHECK(report.rows.front().detail.find("nothing was proved") != std::string::npos);
}

}  // namespace
}  // namespace weft::models
