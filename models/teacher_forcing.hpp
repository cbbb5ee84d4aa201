#pragma once

#include <vector>

#include "autograd/names.hpp"
#include "autograd/tensor.hpp"

namespace weft::models {

/// The unit for which teacher forcing is decided at random.
enum class ForcingBy {
  token,     ///< each token
  sequence,  ///< each sentence as a whole
};
/// Their names.
constexpr auto names_of(ForcingBy) {
  return name_table<ForcingBy>("teacher-forcing-by",
                               {{ForcingBy::token, "token"}, {ForcingBy::sequence, "sequence"}});
}

/// How the decoder is fed in training: with probability `ratio` the previous token is the reference
/// token, otherwise the model's own arg max (scheduled sampling; Bengio et al. 2015,
/// arXiv:1506.03099). Random numbers come from the default generator.
struct TeacherForcing {
  double ratio = 1;                 ///< in [0, 1], else Error; 1 is faster
  ForcingBy by = ForcingBy::token;  ///< decide for each token, or for each sentence
};

/// Feeds a decoder step by step.
class Feeder {
 public:
  /// target_in [T, B], `<bos>` y. Throws Error if the ratio is out of range.
  Feeder(const Tensor& target_in, TeacherForcing forcing);

  /// T.
  std::size_t steps() const { return truth_.size(); }
  /// Returns the input tokens [B] of the next step, given the logits [B, V] of the previous one
  /// (undefined at the first step).
  Tensor next(const Tensor& logits);

 private:
  std::vector<Tensor> truth_;  // T of [B]
  TeacherForcing forcing_;
  std::size_t step_ = 0;
  std::vector<bool> coins_;  // for each sentence: whether it is fed reference tokens
};

}  // namespace weft::models
