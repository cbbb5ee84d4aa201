#include "autograd/deterministic.hpp"

#include <utility>

namespace weft {
namespace {

thread_local bool own_products = false;

}  // namespace

bool deterministic() { return own_products; }

DeterministicGuard::DeterministicGuard(bool on) : outer_(std::exchange(own_products, on)) {}
DeterministicGuard::~DeterministicGuard() { own_products = outer_; }

}  // namespace weft
