#include "autograd/path.hpp"

#include <fmt/format.h>

namespace weft {
namespace {

thread_local const PathScope* innermost = nullptr;

}  // namespace

void PathScope::enter() {
  outer_ = innermost;
  innermost = this;
}

PathScope::~PathScope() { innermost = outer_; }

Place current_place() {
  Place place;
  for (const PathScope* scope = innermost; scope != nullptr; scope = scope->outer_) {
    if (!scope->name_.empty()) {
      place.path.insert(0, fmt::format("{}{}", scope->name_, place.path.empty() ? "" : "."));
    }
    if (!place.step) {
      place.step = scope->step_;
    }
    if (scope->hides_outer_) {
      break;
    }
  }
  return place;
}

std::string to_string(const Place& place) {
  std::string text = place.path.empty() ? "" : " in " + place.path;
  if (place.step) {
    text += fmt::format("{}time step {}", text.empty() ? " at " : ", ", *place.step);
  }
  return text;
}

}  // namespace weft
