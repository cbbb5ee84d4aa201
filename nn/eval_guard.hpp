#pragma once

#include "nn/module.hpp"

namespace weft::nn {

/// Puts a module into eval mode, and restores its previous mode on destruction.
class EvalGuard {
 public:
  /// `module` must outlive the guard.
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
