#include "tools/measure/trace.hpp"

#include "models/files/json.hpp"
#include "tools/terminal/output.hpp"

namespace weft::tools {

void write_trace(const std::vector<Profiler::Span>& spans, const std::string& path) {
  constexpr double kMicroseconds = 1e6;
  models::Json events = models::Json::array();
  for (const Profiler::Span& span : spans) {
    events.push_back({{"name", span.name},
                      {"cat", name(span.pass)},
                      {"ph", "X"},
                      {"ts", span.begin * kMicroseconds},
                      {"dur", span.seconds * kMicroseconds},
                      {"pid", 1},
                      {"tid", 1}});
  }
  Output file(path);
  file.json({{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events)}});
  file.close();
}

std::string_view name(Profiler::Pass pass) {
  switch (pass) {
    case Profiler::Pass::forward:
      return "forward";
    case Profiler::Pass::backward:
      return "backward";
    case Profiler::Pass::other:
      return "other";
  }
  fail("name: not a pass of the profiler; got {}", static_cast<int>(pass));
}

}  // namespace weft::tools
