#include "models/session.hpp"

#include "data/text/vocabulary.hpp"

namespace weft::models {

Tensor known(const Tensor& tokens, std::int64_t V) {
  Tensor ids = tokens.clone();
  for (std::int64_t& id : ids.mutable_data<std::int64_t>()) {
    id = id < V ? id : data::kUnk;
  }
  return ids;
}

}  // namespace weft::models
