#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "autograd/tape.hpp"

namespace weft {

/// Watches recording and backward passes as long as it exists. This is the one place where anomaly
/// mode, the profiler, gradcheck and the GraphTracker hook into the tape and the engine, which call
/// the four functions below; without an observer each call costs one pointer test. Observers nest
/// and the newest is called first. An override ends by calling the function it overrides, which
/// forwards to the next observer. Internal to the engine.
class Observer {
 public:
  /// Watches the current thread; must be destroyed on the same thread.
  Observer() : outer_(innermost_) { innermost_ = this; }
  virtual ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  /// The observer to call on this thread; null if there is none.
  static Observer* current() {
    return innermost_ != nullptr ? innermost_ : everywhere_.load(std::memory_order_acquire);
  }
  /// Registers `observer`, which must be made for all threads, to be called on every thread after
  /// the thread's own observers; null unregisters it. A thread may be inside one of its functions
  /// at any time, so never destroy it.
  static void watch_all_threads(Observer* observer) { everywhere_ = observer; }

  /// An op made `outputs`, on the tape or not.
  virtual void computed(const Op& op, const std::vector<Tensor>& inputs,
                        const std::vector<Tensor>& outputs);
  /// `node` was put on the tape. (The node of a checkpoint has no backward function.)
  virtual void recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                        const std::vector<Tensor>& outputs);
  /// The gradients of the node's outputs are complete and the hooks have run.
  virtual void completed(const Node& node, const Gradients& gradients);
  /// Calls the node's backward function. An override may return something else; this is how the
  /// tests of gradcheck inject bugs.
  virtual Gradients call(const Node& node, const Backward& backward);

 protected:
  /// Tag for observers passed to `watch_all_threads`.
  struct AllThreads {};
  /// Does not watch the current thread.
  explicit Observer(AllThreads /*unused*/) : for_all_threads_(true) {}

 private:
  Observer* next() const;

  static inline constinit thread_local Observer* innermost_ = nullptr;
  static inline constinit std::atomic<Observer*> everywhere_ = nullptr;
  Observer* outer_ = nullptr;
  bool for_all_threads_ = false;
};

}  // namespace weft
