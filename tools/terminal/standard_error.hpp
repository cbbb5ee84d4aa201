#pragma once

#include <string_view>

namespace weft::tools {

/// Writes informational text to standard error. A failure, because the reader is gone or the disk
/// is full, does not affect the program: there is no exception and no SIGPIPE. Allocates no memory.
void write_stderr(std::string_view text) noexcept;

/// Reports that memory ran out, without allocating any.
void write_out_of_memory() noexcept;

}  // namespace weft::tools
