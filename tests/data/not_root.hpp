#pragma once

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace weft::data {

/// Makes the program somebody whom permissions bind, for a scope.
class NotRoot {
 public:
  NotRoot() : user_(::geteuid()) {
    if (user_ == 0 && ::seteuid(kNobody) != 0) {
      throw std::runtime_error("cannot become another user");
    }
  }
  ~NotRoot() {
    if (::seteuid(user_) != 0) {
      std::abort();
    }
  }
  NotRoot(const NotRoot&) = delete;
  NotRoot& operator=(const NotRoot&) = delete;

 private:
  static constexpr uid_t kNobody = 65534;
  uid_t user_;
};

}  // namespace weft::data
