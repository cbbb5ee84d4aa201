#pragma once

namespace weft {

/// Whether products of this thread are weft's own, which add in the order of the summed index on
/// every CPU, instead of BLAS's, whose order depends on the CPU. The other ops never depend on it.
bool deterministic();

/// Chooses such products, or BLAS, for a scope.
class DeterministicGuard {
 public:
  /// `on`: weft's own products for the rest of the scope, else BLAS's.
  explicit DeterministicGuard(bool on = true);
  ~DeterministicGuard();
  DeterministicGuard(const DeterministicGuard&) = delete;
  DeterministicGuard& operator=(const DeterministicGuard&) = delete;

 private:
  bool outer_;
};

}  // namespace weft
