#include "autograd/dtype.hpp"

namespace weft {

std::size_t size_of(DType dtype) {
  std::size_t bytes = 0;
  dispatch_all("size_of", dtype, [&]<class T>() { bytes = sizeof(T); });
  return bytes;
}

}  // namespace weft
