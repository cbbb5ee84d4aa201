#include "models/source_check.hpp"

namespace weft::models {

void check_source(const Tensor& source, std::int64_t source_features) {
  const bool frames = is_floating(source.dtype());
  if (frames != (source_features > 0)) {
    fail("source: got {} {}; expected {}", frames ? "frames" : "tokens", source.shape(),
         frames ? "tokens [S, B]" : fmt::format("frames [S, B, {}]", source_features));
  }
}

}  // namespace weft::models
