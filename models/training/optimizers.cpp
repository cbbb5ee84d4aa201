#include "models/training/optimizers.hpp"

#include "optim/adadelta.hpp"
#include "optim/adagrad.hpp"
#include "optim/adam.hpp"
#include "optim/sgd.hpp"

namespace weft::models {

std::unique_ptr<optim::Optimizer> make_optimizer(const OptimizerConfig& config,
                                                 optim::NamedTensors parameters) {
  const double lr = config.lr;
  switch (config.kind) {
    case OptimizerKind::sgd:
      return std::make_unique<optim::SGD>(std::move(parameters),
                                          optim::SGDOptions{.lr = lr, .momentum = config.momentum});
    case OptimizerKind::adam:
      return std::make_unique<optim::Adam>(
          std::move(parameters), optim::AdamOptions{.lr = lr, .beta2 = config.adam_beta2});
    case OptimizerKind::adamw:
      return std::make_unique<optim::AdamW>(
          std::move(parameters),
          optim::AdamWOptions{
              .lr = lr, .beta2 = config.adam_beta2, .weight_decay = config.weight_decay});
    case OptimizerKind::adagrad:
      return std::make_unique<optim::Adagrad>(std::move(parameters),
                                              optim::AdagradOptions{.lr = lr});
    case OptimizerKind::adadelta:
      return std::make_unique<optim::Adadelta>(std::move(parameters),
                                               optim::AdadeltaOptions{.lr = lr});
  }
  fail("optimizer: unknown kind; got {}", static_cast<int>(config.kind));
}

}  // namespace weft::models
