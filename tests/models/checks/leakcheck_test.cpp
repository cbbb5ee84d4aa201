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

// A sound model, except for one bug that a subclass plants in `predict`, which forward and loss
// use. Search remains sound.
class Leaky : public RnnSeq2Seq {
 public:
  Leaky() : RnnSeq2Seq(leaky_config()) {}

  Tensor forward(const data::Batch& batch, TeacherForcing /*forcing*/) const override {
    return predict(encode(batch.source, batch.source_lengths), batch);
  }
  Tensor loss(const data::Batch& batch, TeacherForcing forcing, Reduction reduction,
              double label_smoothing) const override {
    // Not RnnSeq2Seq's, which does not call `forward`.
    // NOLINTNEXTLINE(bugprone-parent-virtual-call)
    return Seq2Seq::loss(batch, forcing, reduction, label_smoothing);
  }

  virtual Tensor predict(const Memory& memory, const data::Batch& batch) const {
    return project(teach(memory, batch.target_in));
  }
};

class ReadsPaddingAsSource : public Leaky {
  Tensor predict(const Memory& /*memory*/, const data::Batch& batch) const override {
    const auto S = static_cast<double>(batch.source.size(0));
    const Tensor lengths = full(batch.source_lengths.shape(), S, DType::int64);
    return Leaky::predict(encode(batch.source, lengths), batch);
  }
};

class AttendsToPadding : public Leaky {
  Tensor predict(const Memory& memory, const data::Batch& batch) const override {
    Memory open = memory;
    open.padding = zeros_like(open.padding);
    return Leaky::predict(open, batch);
  }
};

class SeesTheNextToken : public Leaky {
  Tensor predict(const Memory& memory, const data::Batch& batch) const override {
    const Tensor& fed = batch.target_in;
    const std::int64_t T = fed.size(0);
    return project(teach(memory, cat({narrow(fed, 0, 1, T - 1), narrow(fed, 0, T - 1, 1)}, 0)));
  }
};

class MixesSentences : public Leaky {
  Tensor predict(const Memory& memory, const data::Batch& batch) const override {
    const Tensor features = teach(memory, batch.target_in);  // [T, B, F]
    return project(features + mean(features, {1}, true));
  }
};

class ReadsNothing : public Leaky {
  Tensor predict(const Memory& memory, const data::Batch& batch) const override {
    return project(teach(memory, batch.target_in) * 0);
  }
};

TEST_CASE("the presets leak nothing, whatever they are made of") {
  for (const std::string_view name : preset_names()) {
    const std::uint64_t position = default_generator().position();
    const std::vector<VariantLeaks> found = leakcheck_variants(std::string(name));
    CHECK(found.size() >= (name == "vaswani2017" ? 8 : 20));
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
  const LeakReport report = leakcheck(Leaky());
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
  CHECK(report.rows.front().detail.find("the check proves nothing") != std::string::npos);
}

}  // namespace
}  // namespace weft::models
