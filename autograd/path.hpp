#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft {

/// The position of a computation in a model, for messages.
struct Place {
  std::string path;                  ///< modules, outermost first: `encoder.dropout`
  std::optional<std::int64_t> step;  ///< time step of the innermost loop
};

/// " in encoder.dropout, time step 3", or the parts of it that are known.
std::string to_string(const Place& place);

/// The place described by the scopes that are active on this thread.
Place current_place();

/// Marks a part of a model as active, for a scope of this thread. It costs only a few stores, so
/// `forward` always has one, whether or not anybody reads the place.
class PathScope {
 public:
  /// Enters a module by name, which must outlive the scope; an empty name adds nothing.
  explicit PathScope(std::string_view name) : name_(name) { enter(); }
  /// Enters one step of a loop over time, counted from 0.
  explicit PathScope(std::int64_t step) : step_(step) { enter(); }
  /// Restores the place where something was recorded; hides the enclosing scopes.
  explicit PathScope(const Place& place)
      : name_(place.path), step_(place.step), hides_outer_(true) {
    enter();
  }
  ~PathScope();
  PathScope(const PathScope&) = delete;
  PathScope& operator=(const PathScope&) = delete;

 private:
  friend Place current_place();
  void enter();

  std::string_view name_;
  std::optional<std::int64_t> step_;
  bool hides_outer_ = false;
  const PathScope* outer_ = nullptr;
};

}  // namespace weft
