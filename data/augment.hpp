#pragma once

#include <cstdint>
#include <vector>

#include "autograd/random.hpp"
#include "data/corpus.hpp"
#include "data/language.hpp"

namespace weft::data {

/// Data augmentation: random changes to the training pairs, drawn anew in every epoch.
struct AugmentOptions {
  /// alpha of subword regularization: the segmentation of a line is drawn from the 16 most probable
  /// ones, with probabilities p^alpha (Kudo 2018, arXiv:1804.10959, section 3.2). 0: off, always
  /// the most probable one.
  double subword_sampling = option(&subword_sampling, "subword-sampling", 0, {0, 100},
                                   "subword regularization: sample segmentations in proportion to "
                                   "p^X, anew in each epoch; unigram models only (0: off)");
  /// Probability that a source token becomes `<unk>` (Iyyer et al. 2015, "Deep Unordered
  /// Composition Rivals Syntactic Methods", section 3.1: word dropout).
  double word_dropout = option(&word_dropout, "word-dropout", 0, {0, 0.99},
                               "probability of replacing a source token with the unknown token");
  /// k, the distance by which a source token may move (Lample et al. 2018, arXiv:1711.00043,
  /// section 2.3): tokens are sorted by i + u_i, u_i uniform in [0, k + 1).
  double word_noise = option(&word_noise, "word-noise", 0, {0, 1000},
                             "shuffle source tokens by at most this many positions (0: off)");

  /// Whether any of these is on.
  bool active() const { return subword_sampling > 0 || word_dropout > 0 || word_noise > 0; }
};

/// Applies word dropout and word noise to source ids.
std::vector<std::int64_t> with_noise(std::vector<std::int64_t> ids, const AugmentOptions& options,
                                     Generator& generator);

/// Ids of the same line with a sampled segmentation.
std::vector<std::int64_t> sampled(const Language& language, const std::vector<std::int64_t>& ids,
                                  double alpha, Generator& generator);

/// Makes the augmented pairs of an epoch. They are a function of seed, epoch and row alone, so that
/// a resumed run sees the same pairs.
class Augmenter {
 public:
  /// The languages define the ids; they must outlive this object.
  Augmenter(const AugmentOptions& options, std::uint64_t seed, const Language& source,
            const Language& target)
      : options_(options), seed_(seed), source_(source), target_(target) {}

  /// The pair to use instead of training pair `row` in an epoch.
  SentencePair make(const SentencePair& pair, std::int64_t row, std::int64_t epoch) const;

 private:
  AugmentOptions options_;
  std::uint64_t seed_;
  const Language& source_;
  const Language& target_;
};

}  // namespace weft::data
