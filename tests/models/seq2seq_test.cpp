#include "models/seq2seq.hpp"

#include <algorithm>
#include <cmath>

#include "data/text/vocabulary.hpp"
#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {
namespace {

std::unique_ptr<Seq2Seq> double_model(const std::string& preset_name) {
  manual_seed(3);
  std::unique_ptr<Seq2Seq> model = make_model(*tiny_preset(preset_name));
  model->to(DType::float64);
  return model;
}

// The logits of a decoder that is fed `fed(t, b, own)`, where own is its previous arg max.
template <class F>
Tensor logits_fed(const Seq2Seq& model, const data::Batch& batch, F&& fed) {
  const std::unique_ptr<Session> session =
      model.open({.source = batch.source, .source_lengths = batch.source_lengths});
  Tensor tokens = unbind(batch.target_in)[0].clone();
  std::vector<Tensor> logits;
  for (std::size_t t = 0; t < static_cast<std::size_t>(batch.target_in.size(0)); ++t) {
    if (t > 0) {
      const std::vector<std::int64_t> own = argmax(logits.back()).to_vector<std::int64_t>();
      for (std::size_t b = 0; b < own.size(); ++b) {
        tokens.mutable_data<std::int64_t>()[b] = fed(t, b, own[b]);
      }
    }
    logits.push_back(session->step(tokens.clone()).log_p);
  }
  return stack(logits);
}

std::int64_t truth(const data::Batch& batch, std::size_t t, std::size_t b) {
  const auto B = static_cast<std::size_t>(batch.target_in.size(1));
  return batch.target_in.data<std::int64_t>()[t * B + b];
}

TEST_CASE("the loss is the mean over target tokens and counts no padding") {
  for (const std::string_view name : preset_names()) {
    const auto model = double_model(std::string(name));
    const data::Batch batch = tiny_batch();
    REQUIRE(batch.target_tokens == 10);  // 3 + 5 + 2 of T x B = 15
    const double sum = model->loss(batch, {}, Reduction::sum).item();
    CHECK(model->loss(batch).item() == Approx(sum / 10).epsilon(1e-14));

    // Computed from the logits: -log softmax at every target that is not padding.
    const Tensor log_p = log_softmax(model->forward(batch), -1);
    Shape column = batch.target_out.shape();
    column.push_back(1);  // [T, B, 1]
    const std::vector<double> picked =
        gather(log_p, -1, reshape(batch.target_out, column)).to_vector<double>();
    const std::vector<std::int64_t> target = batch.target_out.to_vector<std::int64_t>();
    double expected = 0;
    for (std::size_t i = 0; i < target.size(); ++i) {
      expected -= target[i] == data::kPad ? 0 : picked[i];
    }
    CHECK(sum == Approx(expected).epsilon(1e-13));
  }
}

TEST_CASE("the sum of a batch's loss is that of its sentences alone") {
  const auto model = double_model("bahdanau2015");
  const std::vector<data::SentencePair> pairs = tiny_pairs();
  double sum = 0;
  for (const std::int64_t row : {0, 1, 2}) {
    sum += model->loss(data::make_batch(pairs, {row}), {}, Reduction::sum).item();
  }
  CHECK(model->loss(tiny_batch(), {}, Reduction::sum).item() == Approx(sum).epsilon(1e-13));
}

TEST_CASE("with teacher forcing of 1 the decoder is fed the true tokens") {
  const auto model = double_model("tutorial");
  const data::Batch batch = tiny_batch();
  const Tensor expected = logits_fed(
      *model, batch, [&](std::size_t t, std::size_t b, auto) { return truth(batch, t, b); });
  const std::uint64_t position = default_generator().position();
  CHECK(distance(model->forward(batch, {.ratio = 1}), expected) < 1e-13);
  CHECK(default_generator().position() == position);
}

TEST_CASE("with teacher forcing of 0 the decoder is fed its own arg max") {
  for (const std::string_view name : preset_names()) {
    const auto model = double_model(std::string(name));
    const data::Batch batch = tiny_batch();
    const Tensor expected =
        logits_fed(*model, batch, [](std::size_t, std::size_t, std::int64_t own) { return own; });
    const Tensor logits = model->forward(batch, {.ratio = 0});
    CHECK(distance(logits, expected) < 1e-13);
    CHECK(distance(logits, model->forward(batch)) > 1e-6);
  }
}

TEST_CASE("between the two a coin is tossed for every token of every sentence") {
  const auto model = double_model("bahdanau2015");
  const data::Batch batch = tiny_batch();
  int mixed_steps = 0;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    manual_seed(seed);
    const Tensor logits = model->forward(batch, {.ratio = 0.5});

    manual_seed(seed);
    int true_tokens = 0;
    const Tensor expected =
        logits_fed(*model, batch, [&](std::size_t t, std::size_t b, std::int64_t own) {
          const bool is_true = default_generator().uniform() < 0.5;
          true_tokens = (b == 0 ? 0 : true_tokens) + (is_true ? 1 : 0);
          mixed_steps += b == 2 && true_tokens > 0 && true_tokens < 3 ? 1 : 0;
          return is_true ? truth(batch, t, b) : own;
        });
    CHECK(distance(logits, expected) < 1e-13);
  }
  CHECK(mixed_steps > 8);  // of 32: sentences of one batch are fed differently
}

TEST_CASE("teacher forcing depends on the seed alone") {
  const auto model = double_model("bahdanau2015");
  const auto loss = [&](std::uint64_t seed) {
    manual_seed(seed);
    return model->loss(tiny_batch(), {.ratio = 0.5}).item();
  };
  CHECK(loss(1) == loss(1));
  std::vector<double> others;
  for (std::uint64_t seed = 2; seed < 10; ++seed) {
    others.push_back(loss(seed));
  }
  CHECK(std::ranges::count(others, loss(1)) < 8);
}

TEST_CASE("every ratio gives gradients to every parameter") {
  const auto model = double_model("tutorial");
  for (const double ratio : {0.0, 0.5}) {
    model->zero_grad();
    model->loss(tiny_batch(), {.ratio = ratio}).backward();
    for (const auto& [name, tensor] : model->named_parameters()) {
      INFO(name);
      REQUIRE(tensor.grad().defined());
      CHECK(distance(tensor.grad(), zeros_like(tensor)) > 1e-12);
    }
  }
}

TEST_CASE("a ratio out of range is an error") {
  const auto model = double_model("tutorial");
  for (const double ratio : {-0.1, 1.1, std::nan("")}) {
    CHECK(contains(message_of([&] { model->loss(tiny_batch(), {.ratio = ratio}); }),
                   "teacher forcing: ratio out of range"));
  }
}

TEST_CASE("a model that makes no sense is not made") {
  CHECK(contains(message_of([] { make_model(*preset("tutorial")); }), "source_vocab out of range"));
}

}  // namespace
}  // namespace weft::models
