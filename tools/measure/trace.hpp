#pragma once

#include <string>
#include <vector>

#include "autograd/profiler.hpp"

namespace weft::tools {

/// Writes time spans in Chrome's Trace Event Format, as complete events ("X") in microseconds.
/// chrome://tracing and ui.perfetto.dev display the file.
void write_trace(const std::vector<Profiler::Span>& spans, const std::string& path);

/// "forward", "backward" or "other".
std::string_view name(Profiler::Pass pass);

}  // namespace weft::tools
