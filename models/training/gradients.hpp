#pragma once

#include <cstdint>
#include <vector>

#include "models/training/hooks.hpp"
#include "models/training/task.hpp"

namespace weft::models {

/// Adds the gradients of the mean loss over all target tokens of `batches` to those of the task's
/// module, batch by batch, as if they were one. Tells `hooks` of each gradient, during the last
/// backward, and of the end, when they may change what is returned.
BatchLoss make_gradients(Task& task, const std::vector<data::Batch>& batches,
                         TeacherForcing forcing, double label_smoothing,
                         const TrainingHooks& hooks = {});

}  // namespace weft::models
