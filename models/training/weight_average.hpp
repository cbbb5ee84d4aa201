#pragma once

#include <cstdint>
#include <deque>

#include "nn/module.hpp"

namespace weft::models {

/// An average of a model's parameters over its training, which does better than the last ones:
///
///     ema      a_t = d_t a_{t-1} + (1 - d_t) theta_t after every step,
///              d_t = min(ema, (1 + t) / (10 + t))
///     average  the mean of the parameters after the last epochs (Polyak and Juditsky 1992)
class WeightAverage {
 public:
  /// `ema` in [0, 1), 0: none; the mean of `epochs` epochs, 1: none. Keeps the handles of the
  /// parameters.
  WeightAverage(double ema, std::int64_t epochs, nn::NamedTensors parameters);

  /// Whether there is something to keep after this many steps and whole epochs.
  bool begun(std::int64_t steps, std::int64_t epochs) const;
  /// To be called after step t, from 1.
  void after_step(std::int64_t t);
  /// To be called after an epoch.
  void after_epoch();

  /// What has to be kept to go on: for ema `<name>`, for epochs `0.<name>` (the oldest) and so on.
  nn::NamedTensors state() const;
  /// Reads it back; without tensors it begins anew. Throws Error if one is missing, unknown or of
  /// another shape.
  void load_state(const nn::NamedTensors& state);

  /// While it lives, the parameters have the values of the average; nothing changes without one.
  class Guard {
   public:
    /// Until its end; the average must not change meanwhile.
    explicit Guard(const WeightAverage& average);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    const WeightAverage& average_;
    std::vector<Tensor> own_;  // the parameters' own values
  };

 private:
  std::vector<Tensor> values() const;

  double ema_;
  std::size_t epochs_;
  nn::NamedTensors parameters_;
  std::vector<Tensor> moving_;                 // of ema, empty before the first step
  std::deque<std::vector<Tensor>> snapshots_;  // of epochs, oldest first
};

}  // namespace weft::models
