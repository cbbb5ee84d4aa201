#include "autograd/error.hpp"

#include "autograd/path.hpp"

namespace weft {

void throw_here(std::string message) {
  const std::size_t end_of_where = message.find(": ");
  if (end_of_where != std::string::npos) {
    message.insert(end_of_where, to_string(current_place()));
  }
  throw Error(message);
}

}  // namespace weft
