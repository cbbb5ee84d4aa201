#pragma once

#include <memory>
#include <vector>

#include "autograd/node.hpp"

namespace weft {

/// Watches what its thread records and what backward functions return, as long as it lives. It
/// tells gradcheck which op is at fault and the profiler which one the time went to; an override of
/// `call` may also return something else: so the tests of gradcheck plant their bugs. Probes nest,
/// the youngest is asked first. Where there is none a node costs one test of a pointer. Internal to
/// the engine.
class Probe {
 public:
  Probe() : outer_(current_) { current_ = this; }
  virtual ~Probe() { current_ = outer_; }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  /// The youngest probe of this thread; null if there is none.
  static Probe* current() { return current_; }

  /// `node` was put on the tape.
  virtual void recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                        const std::vector<Tensor>& outputs);
  /// Calls the node's backward function.
  virtual Gradients call(const Node& node, const Backward& backward);

 private:
  static inline constinit thread_local Probe* current_ = nullptr;
  Probe* outer_;
};

}  // namespace weft
