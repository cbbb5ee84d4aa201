#pragma once

#include <cstdint>
#include <string>

#include "autograd/error.hpp"

namespace weft::models {

/// Thrown by a search whose model predicts NaN or infinity. A training that scores its model by
/// searching treats it as a score that is not finite.
class NotFinitePrediction : public Error {
 public:
  /// The predictions for a sentence, counted from 0, are not finite.
  NotFinitePrediction(const std::string& message, std::int64_t sentence)
      : Error(message), sentence_(sentence) {}

  /// The sentence: the number that it has in the search, or in the lines that are translated.
  std::int64_t sentence() const { return sentence_; }

 private:
  std::int64_t sentence_;
};

}  // namespace weft::models
