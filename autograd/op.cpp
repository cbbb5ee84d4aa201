#include "autograd/op.hpp"

#include <algorithm>

namespace weft {
namespace {

std::vector<const Op*>& registry() {
  static std::vector<const Op*> ops;
  return ops;
}

}  // namespace

Op::Op(std::string name, SampleFunction samples, std::vector<ErrorSample> errors,
       KeepOutputs keep_outputs)
    : name_(std::move(name)),
      samples_(std::move(samples)),
      errors_(std::move(errors)),
      keep_outputs_(keep_outputs) {
  if (!samples_) {
    fail("Op: no samples for '{}'; expected a function that makes them", name_);
  }
  registry().push_back(this);
}

Op::Op(std::string name, KeepOutputs keep_outputs)
    : name_(std::move(name)),
      samples_([](Sampler&) -> Sample { fail("Op: an unchecked op has no samples"); }),
      keep_outputs_(keep_outputs) {}

Op::~Op() { std::erase(registry(), this); }

Op Op::unchecked(std::string name, const std::string& reason, KeepOutputs keep_outputs) {
  if (reason.empty()) {
    fail("Op::unchecked: no reason given for '{}'", name);
  }
  return {std::move(name), keep_outputs};
}

std::vector<const Op*> registered_ops() {
  std::vector<const Op*> ops = registry();
  std::ranges::sort(ops, {}, &Op::name);
  return ops;
}

}  // namespace weft
