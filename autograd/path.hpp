#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft {

/// Where in a model a computation stands, for messages.
struct Place {
  std::string path;                  ///< the modules from the outside in: `encoder.dropout`
  std::optional<std::int64_t> step;  ///< of the innermost loop over time
};

/// " in encoder.dropout, time step 3", or as much of that as there is.
std::string to_string(const Place& place);

/// What the scopes below make of this thread.
Place current_place();

/// A part of a model at work, for a scope of this thread. It costs a few stores, so it stands
/// in `forward` whether anybody asks for the place or not.
class PathScope {
 public:
  /// A module's name, which must outlive the scope; an empty one adds nothing.
  explicit PathScope(std::string_view name) : name_(name) { enter(); }
  /// One step of a loop over time, counted from 0.
  explicit PathScope(std::int64_t step) : step_(step) { enter(); }
  /// A place as it was when something was recorded there; it hides the scopes around this one.
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
