#include "models/training/gradients.hpp"

namespace weft::models {

BatchLoss make_gradients(Task& task, const std::vector<data::Batch>& batches,
                         TeacherForcing forcing, double label_smoothing) {
  BatchLoss sum;
  for (const data::Batch& batch : batches) {
    sum.tokens += batch.target_tokens;
  }
  for (const data::Batch& batch : batches) {
    Tensor loss = task.loss(batch, forcing, label_smoothing);
    const auto tokens = static_cast<double>(batch.target_tokens);
    sum.loss += loss.item() * tokens;
    if (batches.size() > 1) {
      loss = loss * (tokens / static_cast<double>(sum.tokens));
    }
    loss.backward();
  }
  return sum;
}

}  // namespace weft::models
