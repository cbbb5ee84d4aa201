#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <iterator>

#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

// Child processes that fail in their system calls, or are killed.
namespace weft::models {

/// Runs `f` in a child process. Returns how it ended. `f` must not throw.
template <class F>
int status_of_child(F&& f) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::_Exit(f() ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

#ifdef __linux__
/// From here on, this process's calls of `call` end in `action`, such as SECCOMP_RET_KILL_PROCESS.
/// Returns whether that could be arranged.
inline bool filter_call(std::uint32_t call, std::uint32_t action) {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, action),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {static_cast<unsigned short>(std::size(code)), code};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// From here on, a system call fails in this process.
inline bool forbid(std::uint32_t call, std::uint32_t error) {
  return filter_call(call, SECCOMP_RET_ERRNO | error);
}
#endif

}  // namespace weft::models
