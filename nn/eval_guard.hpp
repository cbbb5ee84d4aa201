#pragma once

#include "nn/module.hpp"

namespace weft::nn {

/// Puts a module into eval mode while it lives; then it is in the mode it was in before.
class EvalGuard {
 public:
  /// `module` has to outlive the guard.
  explicit EvalGuard(Module& module) : module_(module), training_(module.training()) {
    module.eval();
  }
  ~EvalGuard() { module_.train(training_); }
  EvalGuard(const EvalGuard&) = delete;
  EvalGuard& operator=(const EvalGuard&) = delete;

 private:
  Module& module_;
  bool training_;
};

}  // namespace weft::nn
