#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace weft::nn::detail {

/// A module's position in the module tree. It detects submodules that no `child` call registers: a
/// module belongs to another if it was constructed between the start of the other's constructor and
/// the last parameter or child that the other registered.
class Membership {
 public:
  /// For a module whose construction starts now, in this thread.
  Membership();

  /// Records that the owner of `parent` registers the owner of this as a child.
  void join(const Membership& parent) { record_->parent = parent.record_; }
  /// Records that the owner, which has this type, registers a parameter or child: everything
  /// constructed since its own construction started belongs to it.
  void claim(const char* type);
  /// Whether the owner is `other`'s owner or a registered descendant of it.
  bool below(const Membership& other) const;
  /// Records that the owner's parameters are requested.
  void take() const { record_->taken = true; }
  /// Whether they were ever requested.
  bool taken() const { return record_->taken; }
  /// The type of the module to which the owner, or its topmost parent, belongs without being
  /// registered, if the parameters of that module were requested; otherwise empty.
  std::string unregistered_in() const;

 private:
  /// Shared, so that no module needs to outlive another.
  struct Record {
    std::shared_ptr<Record> parent = nullptr;  // the module that registered the owner
    std::weak_ptr<Record> maker = {};          // the first module that claimed the owner
    std::atomic<bool> taken = false;
    const char* type = "";  // set once the owner registers something
  };
  static thread_local std::vector<std::weak_ptr<Record>> orphans;  // in order of construction

  std::shared_ptr<Record> record_;
};

/// The name of a type as written in C++.
std::string type_name(const char* mangled);

}  // namespace weft::nn::detail
