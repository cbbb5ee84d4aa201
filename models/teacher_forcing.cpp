#include "models/teacher_forcing.hpp"

#include "autograd/ops.hpp"
#include "autograd/random.hpp"
#include "autograd/tape.hpp"

namespace weft::models {
namespace {

/// Tosses a coin for each of B sentences: true with probability `ratio`.
std::vector<bool> toss(std::int64_t B, double ratio) {
  std::vector<bool> coins;
  for (std::int64_t b = 0; b < B; ++b) {
    coins.push_back(default_generator().uniform() < ratio);
  }
  return coins;
}

/// For each sentence, the true token or the model's own, as its coin decides: [B].
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

Feeder::Feeder(const Tensor& target_in, TeacherForcing forcing)
    : truth_(unbind(target_in)), forcing_(forcing) {
  if (!(forcing.ratio >= 0 && forcing.ratio <= 1)) {
    fail("teacher forcing: ratio out of range; got {}; expected [0, 1]", forcing.ratio);
  }
}

Tensor Feeder::next(const Tensor& logits) {
  const Tensor& truth = truth_[step_++];
  if (step_ == 1 || forcing_.ratio == 1) {
    return truth;
  }
  const NoGradGuard guard;  // the choice is not a function of the parameters
  const Tensor own = argmax(logits);
  if (step_ == 2 || forcing_.by == ForcingBy::token) {
    coins_ = toss(truth.size(0), forcing_.ratio);
  }
  return pick(truth, own, coins_);
}

}  // namespace weft::models
