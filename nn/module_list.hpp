#pragma once

#include <memory>

#include "nn/module.hpp"

namespace weft::nn {

/// Modules of one kind, whose names are their numbers: "0", "1", ...
template <class M>
class ModuleList : public Module {
 public:
  /// Appends a module.
  void push_back(std::unique_ptr<M> module) {
    child(std::to_string(modules_.size()), *module);
    modules_.push_back(std::move(module));
  }

  /// The number of modules.
  std::int64_t size() const { return std::ssize(modules_); }
  /// Module i, which must exist.
  const M& operator[](std::int64_t i) const { return *modules_[static_cast<std::size_t>(i)]; }

 private:
  std::vector<std::unique_ptr<M>> modules_;
};

}  // namespace weft::nn
