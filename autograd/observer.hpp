#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "autograd/tape.hpp"

namespace weft {

/// Watches what is recorded and walked, as long as it lives: the one place where anomaly mode, the
/// profiler, gradcheck and the GraphTracker meet the tape and the engine. Those call the four
/// functions below; where nobody watches, each costs a test of a pointer. Observers nest, the
/// youngest is asked first; an override ends with a call of the one that it overrides, which passes
/// on to the next. Internal to the engine.
class Observer {
 public:
  /// Watches its own thread, which also has to end its life.
  Observer() : outer_(innermost_) { innermost_ = this; }
  virtual ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  /// Who is to be asked on this thread; null if nobody watches.
  static Observer* current() {
    return innermost_ != nullptr ? innermost_ : everywhere_.load(std::memory_order_acquire);
  }
  /// `observer`, made for all threads, is asked on every thread, after the thread's own; null ends
  /// that. A thread may be in one of its functions at any time, so it must never be destroyed.
  static void watch_all_threads(Observer* observer) { everywhere_ = observer; }

  /// An op made `outputs`, on the tape or not.
  virtual void computed(const Op& op, const std::vector<Tensor>& inputs,
                        const std::vector<Tensor>& outputs);
  /// `node` was put on the tape. (That of a checkpoint has no backward function.)
  virtual void recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                        const std::vector<Tensor>& outputs);
  /// The gradients of the node's outputs are complete, and hooks have seen them.
  virtual void completed(const Node& node, const Gradients& gradients);
  /// Calls the node's backward function. An override may also return something else: so the tests
  /// of gradcheck plant their bugs.
  virtual Gradients call(const Node& node, const Backward& backward);

 protected:
  /// Marks an observer for `watch_all_threads`.
  struct AllThreads {};
  /// Watches nothing by itself.
  explicit Observer(AllThreads /*unused*/) : for_all_threads_(true) {}

 private:
  Observer* next() const;

  static inline constinit thread_local Observer* innermost_ = nullptr;
  static inline constinit std::atomic<Observer*> everywhere_ = nullptr;
  Observer* outer_ = nullptr;
  bool for_all_threads_ = false;
};

}  // namespace weft
