#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace weft::nn::detail {

/// The place of a module among others. It detects modules that no `child` call registers: a module
/// belongs to another if it was constructed between the start of the other's constructor and the
/// last parameter or child that the other registered.
class Membership {
 public:
  /// Of a module whose construction starts now, in this thread.
  Membership();

  /// The owner of `parent` registers the owner of this one as a child.
  void join(const Membership& parent) { record_->parent = parent.record_; }
  /// The owner, of this type, registers a parameter or child: everything constructed since its own
  /// construction started belongs to it.
  void claim(const char* type);
  /// Whether the owner is `other`'s owner or a registered descendant of it.
  bool below(const Membership& other) const;
  /// The owner's parameters are requested.
  void take() const { record_->taken = true; }
  /// Whether they ever were.
  bool taken() const { return record_->taken; }
  /// The type of the module to which the owner, or its topmost parent, belongs without being
  /// registered, if the parameters of that module were requested; otherwise empty.
  std::string unregistered_in() const;

 private:
  /// Shared, so that no module has to outlive another.
  struct Record {
    std::shared_ptr<Record> parent = nullptr;  // registered the owner
    std::weak_ptr<Record> maker = {};          // the first that claimed it
    std::atomic<bool> taken = false;
    const char* type = "";  // set once the owner registers something
  };
  static thread_local std::vector<std::weak_ptr<Record>> orphans;  // in order of construction

  std::shared_ptr<Record> record_;
};

/// The name of a type as it is written in a program.
std::string type_name(const char* mangled);

}  // namespace weft::nn::detail
