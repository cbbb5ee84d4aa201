#include "models/seq2seq.hpp"

#include "autograd/tape.hpp"
#include "data/text/vocabulary.hpp"

namespace weft::models {
namespace {

/// A coin for each of B sentences: true with probability `ratio`.
std::vector<bool> toss(std::int64_t B, double ratio) {
  std::vector<bool> coins;
  for (std::int64_t b = 0; b < B; ++b) {
    coins.push_back(default_generator().uniform() < ratio);
  }
  return coins;
}

/// The tokens [B] that the next step is fed: for each sentence its coin picks the true one or the
/// model's own.
Tensor pick(const Tensor& truth, const Tensor& own, const std::vector<bool>& coins) {
  Tensor tokens = truth.clone();
  const std::span<std::int64_t> chosen = tokens.mutable_data<std::int64_t>();
  for (std::size_t b = 0; b < chosen.size(); ++b) {
    if (!coins[b]) {
      chosen[b] = own.data<std::int64_t>()[b];
    }
  }
  return tokens;
}

}  // namespace

Tensor Seq2Seq::features(const Memory& memory, const Tensor& target_in,
                         TeacherForcing forcing) const {
  if (!(forcing.ratio >= 0 && forcing.ratio <= 1)) {
    fail("teacher forcing: ratio out of range; got {}; expected [0, 1]", forcing.ratio);
  }
  if (forcing.ratio == 1) {
    return teach(memory, target_in);
  }
  const std::vector<Tensor> truth = unbind(target_in);  // T of [B]
  std::vector<Tensor> all;
  std::vector<bool> coins;
  State state = start(memory);
  for (std::size_t t = 0; t < truth.size(); ++t) {
    const PathScope at(static_cast<std::int64_t>(t));
    Tensor tokens = truth[t];
    if (t > 0) {
      const NoGradGuard guard;  // the choice is no function of the parameters
      const Tensor own = argmax(project(all.back()));
      if (t == 1 || forcing.by == ForcingBy::token) {
        coins = toss(truth[t].size(0), forcing.ratio);
      }
      tokens = pick(truth[t], own, coins);
    }
    const Step next = step(memory, state, tokens);
    all.push_back(next.features);
    state = next.state;
  }
  return stack(all);  // [T, B, F]
}

Tensor Seq2Seq::forward(const data::Batch& batch, TeacherForcing forcing) const {
  const nn::Forward call(*this);
  const Memory memory = encode(batch.source, batch.source_lengths);
  return call.output(project(features(memory, batch.target_in, forcing)));
}

Tensor Seq2Seq::cross_entropy(const Tensor& features, const Tensor& targets, Reduction reduction,
                              double label_smoothing) const {
  const Tensor logits = project(features);  // [T, B, V]
  return weft::cross_entropy(reshape(logits, {-1, logits.size(-1)}), reshape(targets, {-1}),
                             data::kPad, reduction, label_smoothing);
}

Tensor Seq2Seq::loss(const data::Batch& batch, TeacherForcing forcing, Reduction reduction,
                     double label_smoothing) const {
  const nn::Forward call(*this);
  const Memory memory = encode(batch.source, batch.source_lengths);
  return cross_entropy(features(memory, batch.target_in, forcing), batch.target_out, reduction,
                       label_smoothing);
}

State reorder(const State& state, const Tensor& rows) {
  State result;
  for (const Tensor& part : state) {
    result.push_back(index_select(part, 0, rows));
  }
  return result;
}

}  // namespace weft::models
