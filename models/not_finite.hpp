#pragma once

#include "autograd/error.hpp"

namespace weft::models {

/// Thrown by a search whose model predicts NaN or infinity. A training that scores its model by
/// searching treats it as a score that is not finite.
class NotFinitePrediction : public Error {
 public:
  using Error::Error;
};

}  // namespace weft::models
