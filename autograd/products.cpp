#include "autograd/products.hpp"

#include <utility>

namespace weft {
namespace {

thread_local Products choice = Products::fastest;

}  // namespace

Products products() { return choice; }

ProductsGuard::ProductsGuard(Products products) : outer_(std::exchange(choice, products)) {}
ProductsGuard::~ProductsGuard() { choice = outer_; }

}  // namespace weft
