#pragma once

#include <string_view>

namespace weft::tools {

/// Writes to standard error what only informs. That it cannot be written, because its reader has
/// gone or its disk is full, changes nothing about the work: no exception, no SIGPIPE. Needs no
/// memory.
void write_stderr(std::string_view text) noexcept;

/// Says that memory ran out, without needing any.
void write_out_of_memory() noexcept;

}  // namespace weft::tools
