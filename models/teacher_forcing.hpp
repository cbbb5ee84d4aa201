#pragma once

#include <vector>

#include "autograd/names.hpp"
#include "autograd/tensor.hpp"

namespace weft::models {

/// What one coin decides of how the decoder is fed.
enum class ForcingBy {
  token,     ///< a token of a sentence
  sequence,  ///< all tokens of a sentence
};
/// The names of these ways.
constexpr auto names_of(ForcingBy) {
  return name_table<ForcingBy>("teacher-forcing-by",
                               {{ForcingBy::token, "token"}, {ForcingBy::sequence, "sequence"}});
}

/// How the decoder is fed in training: each previous token is the true one with probability
/// `ratio`, else the model's own arg max (scheduled sampling; Bengio et al. 2015,
/// arXiv:1506.03099). Coins come from the default generator.
struct TeacherForcing {
  double ratio = 1;                 ///< in [0, 1], else Error; 1 takes the faster way
  ForcingBy by = ForcingBy::token;  ///< a coin for each token, or one for each sentence
};

/// Feeds a decoder step by step.
class Feeder {
 public:
  /// target_in [T, B], `<bos>` y. Throws Error if the ratio is out of range.
  Feeder(const Tensor& target_in, TeacherForcing forcing);

  /// T.
  std::size_t steps() const { return truth_.size(); }
  /// The tokens [B] of the next step, given the logits [B, V] of the one before (undefined at the
  /// first).
  Tensor next(const Tensor& logits);

 private:
  std::vector<Tensor> truth_;  // T of [B]
  TeacherForcing forcing_;
  std::size_t step_ = 0;
  std::vector<bool> coins_;  // of each sentence: whether it is fed the true token
};

}  // namespace weft::models
