#include "models/key_value_cache.hpp"

#include <algorithm>

#include "autograd/ops.hpp"

namespace weft::models {
namespace {

constexpr std::int64_t kFewestSteps = 16;

Tensor row(const Tensor& x) { return reshape(x, {1, x.size(0), x.size(1)}); }

/// Steps [first, size) of x, with room for as many as before.
Tensor with_room(const Tensor& x, std::int64_t first, std::int64_t size, std::int64_t capacity) {
  Tensor memory = empty({capacity, x.size(1), x.size(2)}, x.dtype());
  dispatch_floating("session", x.dtype(), [&]<class T>() {
    const std::int64_t step = x.size(1) * x.size(2);
    std::copy_n(x.data<T>().data() + first * step, (size - first) * step,
                memory.mutable_data<T>().data());
  });
  return memory;
}

/// The same for columns `rows`.
Tensor selected(const Tensor& x, const Tensor& rows, std::int64_t first, std::int64_t size) {
  const std::int64_t E = x.size(2);
  Tensor memory = empty({x.size(0), rows.numel(), E}, x.dtype());
  dispatch_floating("session", x.dtype(), [&]<class T>() {
    T* to = memory.mutable_data<T>().data();
    for (std::int64_t t = first; t < size; ++t) {
      const T* const from = x.data<T>().data() + t * x.size(1) * E;
      for (const std::int64_t row : rows.data<std::int64_t>()) {
        to = std::copy_n(from + row * E, E, to);
      }
    }
  });
  return memory;
}

/// memory[step] = x [N, E]
void write(Tensor& memory, std::int64_t step, const Tensor& x) {
  dispatch_floating("session", x.dtype(), [&]<class T>() {
    std::ranges::copy(x.data<T>(), memory.mutable_data<T>().data() + step * x.numel());
  });
}

void append_row(Tensor& memory, std::int64_t size, const Tensor& x) {
  if (x.requires_grad() || memory.requires_grad()) {
    memory = cat({narrow(memory, 0, 0, size), row(x)}, 0);
    return;
  }
  if (memory.size(0) == size) {
    memory = with_room(memory, 0, size, std::max(2 * size, kFewestSteps));
  }
  write(memory, size, x);
}

/// x [t, N, E] after `steps` steps of zeros.
Tensor delayed(const Tensor& x, std::int64_t steps) {
  return steps == 0 ? x : cat({zeros({steps, x.size(1), x.size(2)}, x.dtype()), x}, 0);
}

}  // namespace

KeyValueCache::KeyValueCache(std::int64_t N, std::int64_t E, DType dtype)
    : keys_(empty({kFewestSteps, N, E}, dtype)), values_(empty({kFewestSteps, N, E}, dtype)) {}

void KeyValueCache::append(const Tensor& key, const Tensor& value) {
  append_row(keys_, size_, key);
  append_row(values_, size_, value);
  ++size_;
}

Tensor KeyValueCache::all(const Tensor& memory) const { return narrow(memory, 0, 0, size_); }

void KeyValueCache::select(const Tensor& rows, std::int64_t first) {
  for (Tensor* const memory : {&keys_, &values_}) {
    *memory = memory->requires_grad()
                  ? index_select(narrow(*memory, 0, first, size_ - first), 1, rows)
                  : selected(*memory, rows, first, size_);
  }
  size_ -= first;
}

void KeyValueCache::join(const KeyValueCache& other) {
  const std::int64_t size = std::max(size_, other.size_);
  keys_ = cat({delayed(keys(), size - size_), delayed(other.keys(), size - other.size_)}, 1);
  values_ = cat({delayed(values(), size - size_), delayed(other.values(), size - other.size_)}, 1);
  size_ = size;
}

}  // namespace weft::models
