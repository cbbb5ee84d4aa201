#pragma once

#include <cstdint>
#include <deque>

#include "nn/module.hpp"

namespace weft::models {

/// An average of a model's parameters during training, which performs better than the final ones:
///
///     ema      a_t = d_t a_{t-1} + (1 - d_t) theta_t after every step,
///              d_t = min(ema, (1 + t) / (10 + t))
///     average  the mean of the parameters after the last epochs (Polyak and Juditsky 1992)
class WeightAverage {
 public:
  /// `ema` in [0, 1), 0: no moving average. `epochs`: the number of epochs to average over, 1:
  /// none. Keeps handles to the parameters.
  WeightAverage(double ema, std::int64_t epochs, nn::NamedTensors parameters);

  /// Whether there is state to save after this many steps and completed epochs.
  bool begun(std::int64_t steps, std::int64_t epochs) const;
  /// To be called after step t, from 1.
  void after_step(std::int64_t t);
  /// To be called after an epoch.
  void after_epoch();

  /// The state needed to resume: for ema `<name>`, for epochs `0.<name>` (the oldest) and so on.
  nn::NamedTensors state() const;
  /// Restores the state; without tensors, starts over. Throws Error if a tensor is missing, unknown
  /// or has the wrong shape.
  void load_state(const nn::NamedTensors& state);

  /// For the lifetime of the object, the parameters have the averaged values; has no effect without
  /// an average.
  class Guard {
   public:
    /// The average must not change during the lifetime of the object.
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
  std::vector<Tensor> moving_;                 // the moving average; empty before the first step
  std::deque<std::vector<Tensor>> snapshots_;  // one per epoch, oldest first
};

}  // namespace weft::models
