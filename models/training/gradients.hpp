#pragma once

#include <cstdint>
#include <vector>

#include "models/training/hooks.hpp"
#include "models/training/task.hpp"

namespace weft::models {

/// Adds the gradient of the mean loss over all target tokens of `batches` to the gradients of the
/// task's module, batch by batch, as if they were a single batch. Calls `on_gradient` for each
/// gradient during the last backward, and `on_gradients` once at the end, which may change the loss
/// that is returned.
BatchLoss make_gradients(Task& task, const std::vector<data::Batch>& batches,
                         TeacherForcing forcing, double label_smoothing,
                         const TrainingHooks& hooks = {});

}  // namespace weft::models
