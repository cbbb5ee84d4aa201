#pragma once

#include <cstdint>
#include <vector>

#include "models/training/hooks.hpp"
#include "models/training/task.hpp"

namespace weft::models {

/// What the batches of a step lost.
struct BatchLoss {
  double loss = 0;          ///< the sum over their target tokens
  std::int64_t tokens = 0;  ///< how many those are
};

/// Adds the gradients of the mean loss over all target tokens of `batches` to those of the task's
/// module, batch by batch, as if they were one. Tells `hooks` of each gradient, during the last
/// backward, and of the end.
BatchLoss make_gradients(Task& task, const std::vector<data::Batch>& batches,
                         TeacherForcing forcing, double label_smoothing,
                         const TrainingHooks& hooks = {});

}  // namespace weft::models
