#pragma once

#include "autograd/tensor.hpp"

namespace weft::kernels {

/// Memory for the intermediate results of a kernel, uninitialized. It comes from the heap of
/// tensors, which keeps its buffers: memory that the system hands out anew costs a page fault for
/// each 4 KiB.
template <class T>
class Workspace {
 public:
  /// Room for `size` elements.
  explicit Workspace(std::int64_t size = 0) { reserve(size); }

  /// Makes room for `size` elements; what was there is lost if that is more than before.
  void reserve(std::int64_t size) {
    if (size > size_) {
      memory_ = empty({size}, dtype_of<T>());
      data_ = memory_.template mutable_data<T>().data();
      size_ = size;
    }
  }

  /// The first element; null if there is no room.
  T* data() const { return data_; }

 private:
  Tensor memory_;
  T* data_ = nullptr;
  std::int64_t size_ = 0;
};

}  // namespace weft::kernels
