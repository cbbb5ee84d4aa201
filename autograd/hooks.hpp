#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace weft {

class Gradient;

/// Called with a complete gradient; returns its replacement, or `Gradient()` to leave it unchanged.
using GradientHook = std::function<Gradient(const Gradient&)>;

/// Removes a hook. Destroying the handle keeps the hook; the handle may outlive the hooked object.
class HookHandle {
 public:
  HookHandle() = default;
  /// Makes a handle that removes the hook by calling `remove`.
  explicit HookHandle(std::function<void()> remove) : remove_(std::move(remove)) {}

  /// Removes the hook and releases its captures. Further calls do nothing.
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
  /// Shared pointers keep a hook alive during its call even if it is removed.
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

  /// Whether there are no hooks.
  bool empty() const { return !hooks_ || hooks_->empty(); }

  /// A copy, so that a hook may add and remove hooks.
  Hooks hooks() const { return hooks_ ? *hooks_ : Hooks{}; }

 private:
  std::shared_ptr<Hooks> hooks_;  // allocated for the first hook
};

}  // namespace weft
