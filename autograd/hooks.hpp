#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace weft {

class Gradient;

/// Sees a gradient that is complete; returns another to put in its place, or none (`Gradient()`)
/// to leave it as it is.
using GradientHook = std::function<Gradient(const Gradient&)>;

/// Removes a hook. The hook stays if the handle goes, and the handle may outlive what was hooked.
class HookHandle {
 public:
  HookHandle() = default;
  /// A handle that removes by calling `remove`.
  explicit HookHandle(std::function<void()> remove) : remove_(std::move(remove)) {}

  /// No call of the hook follows, and what it captured is dropped. A second call does nothing.
  void remove() {
    if (const std::function<void()> remove = std::exchange(remove_, nullptr)) {
      remove();
    }
  }

 private:
  std::function<void()> remove_;
};

/// Hooks in the order in which they were added.
template <class Hook>
class HookList {
 public:
  /// Hooks, each alive while it is called even if it is removed.
  using Hooks = std::vector<std::shared_ptr<const Hook>>;

  /// Adds a hook at the end.
  HookHandle add(Hook hook) {
    if (!hooks_) {
      hooks_ = std::make_shared<Hooks>();
    }
    hooks_->push_back(std::make_shared<const Hook>(std::move(hook)));
    return HookHandle(
        [list = std::weak_ptr<Hooks>(hooks_), added = std::weak_ptr<const Hook>(hooks_->back())] {
          if (const auto hooks = list.lock()) {
            std::erase(*hooks, added.lock());
          }
        });
  }

  /// Whether there is none.
  bool empty() const { return !hooks_ || hooks_->empty(); }

  /// A copy, so that a hook may add and remove hooks.
  Hooks hooks() const { return hooks_ ? *hooks_ : Hooks{}; }

 private:
  std::shared_ptr<Hooks> hooks_;  // made by the first hook
};

}  // namespace weft
