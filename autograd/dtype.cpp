#include "autograd/dtype.hpp"

namespace weft {

std::string_view name(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return "float32";
    case DType::float64:
      return "float64";
    case DType::int64:
      return "int64";
    case DType::boolean:
      return "bool";
  }
  return "invalid dtype";
}

std::size_t size_of(DType dtype) {
  std::size_t bytes = 0;
  dispatch_all("size_of", dtype, [&]<class T>() { bytes = sizeof(T); });
  return bytes;
}

}  // namespace weft
