#include "nn/membership.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>

namespace weft::nn::detail {

thread_local std::vector<std::weak_ptr<Membership::Record>> Membership::orphans;

Membership::Membership() : record_(std::make_shared<Record>()) {
  std::erase_if(orphans, [](const std::weak_ptr<Record>& other) {
    const std::shared_ptr<Record> record = other.lock();
    return !record || record->parent;
  });
  orphans.push_back(record_);
}

void Membership::claim(const char* type) {
  record_->type = type;
  auto own = std::ranges::find(orphans, record_, [](const auto& other) { return other.lock(); });
  for (; own != orphans.end(); ++own) {
    const std::shared_ptr<Record> part = own->lock();
    if (part && part != record_ && part->maker.expired()) {
      part->maker = record_;
    }
  }
}

bool Membership::below(const Membership& other) const {
  const Record* record = record_.get();
  while (record != nullptr && record != other.record_.get()) {
    record = record->parent.get();
  }
  return record != nullptr;
}

std::string Membership::unregistered_in() const {
  const Record* top = record_.get();
  while (top->parent) {
    top = top->parent.get();
  }
  const std::shared_ptr<Record> maker = top->maker.lock();
  return maker && maker->taken ? type_name(maker->type) : "";
}

std::string type_name(const char* mangled) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(mangled, nullptr, nullptr, &status), &std::free);
  return name ? name.get() : mangled;
}

}  // namespace weft::nn::detail
