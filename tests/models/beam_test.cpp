#include "models/beam.hpp"

#include <algorithm>
#include <cmath>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "data/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {
namespace {

using Ids = std::vector<std::int64_t>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

data::SourceBatch batch_of(const std::vector<Ids>& sources) {
  Ids rows;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    rows.push_back(std::ssize(rows));
  }
  return data::make_source_batch(sources, rows);
}

// A random model whose preferences are strong, so that its translations differ.
std::unique_ptr<Seq2Seq> lively_model(const std::string& preset_name, std::uint64_t seed) {
  manual_seed(seed);
  auto model = make_model(tiny_config(preset_name, 2));
  for (auto& [name, tensor] : model->named_parameters()) {
    tensor.copy_(tensor.detach() * 3);
  }
  model->eval();
  return model;
}

// One sentence, by the definitions.
class Reference {
 public:
  Reference(const Seq2Seq& model, const Ids& source, const DecodeOptions& options)
      : model_(model), options_(options), limit_(length_limit(options, std::ssize(source))) {
    const NoGradGuard guard;
    const data::SourceBatch batch = batch_of({source});
    memory_ = model.encode(batch.source, batch.source_lengths);
  }

  // The best of all translations there are.
  Hypothesis exhaustive() {
    best_ = {.tokens = {}, .score = -kInfinity};
    const NoGradGuard guard;
    extend({}, 0, model_.start(memory_), data::kBos);
    return best_;
  }

  // The score of a translation.
  double score_of(const Ids& tokens) const {
    const NoGradGuard guard;
    State state = model_.start(memory_);
    std::int64_t previous = data::kBos;
    double log_p = 0;
    for (std::size_t t = 0; t <= tokens.size() && std::cmp_less(t, limit_); ++t) {
      const Step next = model_.step(memory_, state, tensor({previous}, {1}));
      state = next.state;
      previous = t < tokens.size() ? tokens[t] : data::kEos;
      log_p += log_softmax(model_.project(next.features), 1)
                   .data<float>()[static_cast<std::size_t>(previous)];
    }
    const std::int64_t n = std::min(std::ssize(tokens) + 1, limit_);
    return log_p / std::pow(static_cast<double>(n), options_.length_penalty);
  }

  // A beam by its definition in beam.hpp, one hypothesis after the other.
  Hypothesis beam() {
    const NoGradGuard guard;
    best_ = {.tokens = {}, .score = -kInfinity};
    std::int64_t places = options_.beam;
    std::vector<Live> live = {{{}, 0, model_.start(memory_), data::kBos, true, true}};
    for (std::int64_t n = 1; !live.empty(); ++n) {
      std::vector<Live> choices;
      std::vector<Live> outside;
      for (const Live& x : live) {
        std::vector<Live> all = continuations(x);
        all.resize(x.kept ? all.size() : 1);
        std::ranges::copy(all, std::back_inserter(x.kept ? choices : outside));
      }
      std::ranges::stable_sort(choices, std::greater(), &Live::log_p);
      live.clear();
      const std::int64_t width = places;
      for (std::int64_t i = 0; i < std::ssize(choices); ++i) {
        Live& x = choices[static_cast<std::size_t>(i)];
        x.kept = i < width;
        const bool ends = !x.kept && !x.greedy ? false : offer(x, n);
        places -= x.kept && x.previous == data::kEos ? 1 : 0;
        if ((x.kept || x.greedy) && !ends) {
          live.push_back(x);
        }
      }
      for (Live& x : outside) {
        x.kept = false;
        if (!offer(x, n)) {
          live.push_back(x);
        }
      }
      std::erase_if(live, [&](const Live& x) {
        return std::max(score(x.log_p, n + 1), score(x.log_p, limit_)) <= best_.score;
      });
    }
    return best_;
  }

 private:
  struct Live {
    Ids tokens;
    double log_p;
    State state;
    std::int64_t previous;
    bool greedy;
    bool kept;
  };

  double score(double log_p, std::int64_t n) const {
    return log_p / std::pow(static_cast<double>(n), options_.length_penalty);
  }

  // Every next token, the most probable first.
  std::vector<Live> continuations(const Live& x) const {
    const Step next = model_.step(memory_, x.state, tensor({x.previous}, {1}));
    const Tensor log_p = log_softmax(model_.project(next.features), 1);
    std::vector<Live> all;
    for (std::int64_t token = data::kEos; token < log_p.size(1); ++token) {
      Live y = x;
      y.log_p += log_p.data<float>()[static_cast<std::size_t>(token)];
      y.state = next.state;
      y.previous = token;
      if (token != data::kEos) {
        y.tokens.push_back(token);
      }
      all.push_back(std::move(y));
    }
    std::ranges::stable_sort(all, std::greater(), &Live::log_p);
    for (std::size_t i = 1; i < all.size(); ++i) {
      all[i].greedy = false;
    }
    return all;
  }

  // Whether x ends with its n-th token; it may be the best then.
  bool offer(const Live& x, std::int64_t n) {
    const bool ends = x.previous == data::kEos || n == limit_;
    if (ends && score(x.log_p, n) > best_.score) {
      best_ = {.tokens = x.tokens, .score = score(x.log_p, n)};
    }
    return ends;
  }

  void extend(const Ids& tokens, double log_p, const State& state, std::int64_t previous) {
    const Step next = model_.step(memory_, state, tensor({previous}, {1}));
    const Tensor log_probabilities = log_softmax(model_.project(next.features), 1);
    for (std::int64_t token = data::kEos; token < log_probabilities.size(1); ++token) {
      const double total = log_p + log_probabilities.data<float>()[static_cast<std::size_t>(token)];
      Ids longer = tokens;
      if (token != data::kEos) {
        longer.push_back(token);
      }
      const std::int64_t n = std::ssize(tokens) + 1;
      if (token == data::kEos || n == limit_) {
        const double score = total / std::pow(static_cast<double>(n), options_.length_penalty);
        if (score > best_.score) {
          best_ = {.tokens = longer, .score = score};
        }
      } else {
        extend(longer, total, next.state, token);
      }
    }
  }

  const Seq2Seq& model_;
  DecodeOptions options_;
  std::int64_t limit_;
  Memory memory_;
  Hypothesis best_;
};

const std::vector<Ids> kSources = {{4, 5, 6, 7, 8}, {8, 4}, {6}, {7, 7, 7}};

TEST_CASE("a beam as wide as the space finds what exhaustive search finds") {
  for (const std::string_view preset : preset_names()) {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      for (const double penalty : {0.0, 0.7, 1.0, 2.0, -1.0}) {
        const auto model = lively_model(std::string(preset), seed);
        const DecodeOptions options{.beam = 1000, .length_penalty = penalty, .max_length = 3};
        const std::vector<Hypothesis> found = beam_search(*model, batch_of(kSources), options);
        for (std::size_t i = 0; i < kSources.size(); ++i) {
          CAPTURE(preset, seed, penalty, i);
          const Hypothesis expected = Reference(*model, kSources[i], options).exhaustive();
          CHECK(found[i].tokens == expected.tokens);
          CHECK(found[i].score == Approx(expected.score).epsilon(1e-5).margin(1e-5));
        }
      }
    }
  }
}

TEST_CASE("a narrow beam is what its definition says, place by place") {
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    const auto model = lively_model("bahdanau2015", seed);
    for (const std::int64_t beam : {1, 2, 3, 5}) {
      for (const double penalty : {0.0, 1.0, -1.0}) {
        const DecodeOptions options{.beam = beam, .length_penalty = penalty, .max_length = 8};
        const std::vector<Hypothesis> found = beam_search(*model, batch_of(kSources), options);
        for (std::size_t i = 0; i < kSources.size(); ++i) {
          CAPTURE(seed, beam, penalty, i);
          const Hypothesis expected = Reference(*model, kSources[i], options).beam();
          CHECK(found[i].tokens == expected.tokens);
          CHECK(found[i].score == Approx(expected.score).epsilon(1e-4).margin(1e-6));
        }
      }
    }
  }
}

TEST_CASE("no beam scores below greedy search, and its score is its translation's") {
  for (const std::string_view preset : preset_names()) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      const auto model = lively_model(std::string(preset), seed);
      for (const std::int64_t beam : {2, 3, 5}) {
        const DecodeOptions options{.beam = beam, .max_length = 12};
        const std::vector<Ids> simple = greedy(*model, batch_of(kSources), options);
        const std::vector<Hypothesis> found = beam_search(*model, batch_of(kSources), options);
        for (std::size_t i = 0; i < kSources.size(); ++i) {
          CAPTURE(preset, seed, beam, i);
          const Reference reference(*model, kSources[i], options);
          CHECK(found[i].score >= reference.score_of(simple[i]) - 1e-5);
          CHECK(found[i].score ==
                Approx(reference.score_of(found[i].tokens)).epsilon(1e-4).margin(1e-6));
        }
      }
    }
  }
}

TEST_CASE("a sentence's translation does not depend on its batch") {
  for (const std::string_view preset : preset_names()) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const auto model = lively_model(std::string(preset), seed);
      for (const std::int64_t beam : {1, 2, 5}) {
        const DecodeOptions options{.beam = beam, .max_length = 9};
        const std::vector<Hypothesis> together = beam_search(*model, batch_of(kSources), options);
        for (std::size_t i = 0; i < kSources.size(); ++i) {
          const Hypothesis alone = beam_search(*model, batch_of({kSources[i]}), options)[0];
          CHECK(alone.tokens == together[i].tokens);
          CHECK(alone.score == together[i].score);  // to the last bit
        }
      }
    }
  }
}

TEST_CASE("a beam of one is greedy search") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto model = lively_model("bahdanau2015", seed);
    const DecodeOptions options{.beam = 1, .max_length = 9};
    const std::vector<Hypothesis> found = beam_search(*model, batch_of(kSources), options);
    const std::vector<Ids> expected = greedy(*model, batch_of(kSources), options);
    for (std::size_t i = 0; i < kSources.size(); ++i) {
      CHECK(found[i].tokens == expected[i]);
    }
  }
}

TEST_CASE("beam search makes no node, not even for a moment") {
  const auto model = lively_model("bahdanau2015", 1);
  const std::int64_t before = made_nodes();
  decode(*model, batch_of(kSources), {.beam = 3});
  CHECK(made_nodes() == before);
}

TEST_CASE("options of a beam search out of range") {
  const auto model = lively_model("bahdanau2015", 1);
  CHECK_THROWS_WITH(beam_search(*model, batch_of(kSources), {.beam = 0}),
                    "beam search: options out of range; got beam 0, length penalty 1; expected at "
                    "least 1, a number");
}

}  // namespace
}  // namespace weft::models
