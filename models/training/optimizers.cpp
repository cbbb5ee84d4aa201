#include "models/training/optimizers.hpp"

#include <array>

#include "data/text/suggest.hpp"
#include "optim/adadelta.hpp"
#include "optim/adagrad.hpp"
#include "optim/adam.hpp"
#include "optim/sgd.hpp"

namespace weft::models {
namespace {

constexpr std::array<std::string_view, 5> kOptimizers = {"sgd", "adam", "adamw", "adagrad",
                                                         "adadelta"};

}  // namespace

std::string_view name(OptimizerKind kind) { return kOptimizers.at(static_cast<std::size_t>(kind)); }

OptimizerKind optimizer_named(std::string_view name) {
  return static_cast<OptimizerKind>(data::choose("optimizer", name, kOptimizers));
}

std::unique_ptr<optim::Optimizer> make_optimizer(const OptimizerConfig& config,
                                                 optim::NamedTensors parameters) {
  const double lr = config.lr;
  switch (config.kind) {
    case OptimizerKind::sgd:
      return std::make_unique<optim::SGD>(std::move(parameters),
                                          optim::SGDOptions{.lr = lr, .momentum = config.momentum});
    case OptimizerKind::adam:
      return std::make_unique<optim::Adam>(std::move(parameters), optim::AdamOptions{.lr = lr});
    case OptimizerKind::adamw:
      return std::make_unique<optim::AdamW>(
          std::move(parameters),
          optim::AdamWOptions{.lr = lr, .weight_decay = config.weight_decay});
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
