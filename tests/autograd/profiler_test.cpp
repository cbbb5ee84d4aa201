#include "autograd/profiler.hpp"

#include "autograd/engine.hpp"
#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

using Pass = Profiler::Pass;

std::vector<std::string> names(const Profiler& profiler) {
  std::vector<std::string> names;
  for (const Profiler::Span& span : profiler.spans()) {
    const char* const pass = span.pass == Pass::forward    ? "forward"
                             : span.pass == Pass::backward ? "backward"
                                                           : "other";
    names.push_back(fmt::format("{} {}", span.name, pass));
  }
  return names;
}

TEST_CASE("a profiler sees ops as they are recorded and as they are differentiated") {
  const Tensor x = full({3}, 0.5).set_requires_grad();
  Profiler profiler;
  sum(tanh(x)).backward();
  profiler.mark("rest");
  CHECK(names(profiler) == std::vector<std::string>{
                               "tanh forward", "sum forward", "accumulate backward", "sum backward",
                               "accumulate backward", "tanh backward", "rest other"});
}

TEST_CASE("what a backward function is made of is its own") {
  const Tensor x = full({3}, 0.5).set_requires_grad();
  Profiler profiler;
  Tensor loss = sum(x * x * x);
  const std::vector<Tensor> first = grad({loss}, {x}, {}, {.create_graph = true});
  for (const Profiler::Span& span : profiler.spans()) {
    CAPTURE(span.name);  // "add": gradients are added up by a recorded op
    CHECK((span.name == "mul" || span.name == "sum" || span.name == "accumulate" ||
           span.name == "add"));
  }
}

TEST_CASE("pieces lie one behind the other and add up") {
  const Tensor x = full({1000}, 0.5).set_requires_grad();
  Profiler profiler;
  for (int i = 0; i < 3; ++i) {
    sum(exp(x)).backward();
  }
  double end = 0;
  double total = 0;
  for (const Profiler::Span& span : profiler.spans()) {
    CHECK(span.begin == Approx(end).margin(1e-9));
    end = span.begin + span.seconds;
    total += span.seconds;
  }
  double rows = 0;
  for (const Profiler::Row& row : profiler.rows()) {
    rows += row.seconds;
    CHECK(row.calls == (row.name == "accumulate" ? 6 : 3));
  }
  CHECK(rows == Approx(total));
}

TEST_CASE("skipped time is nobody's, and where nothing is recorded nothing is seen") {
  Profiler profiler;
  const NoGradGuard guard;
  exp(full({3}, 0.5).set_requires_grad());
  CHECK(profiler.spans().empty());
  profiler.skip();
  profiler.mark("now");
  CHECK(profiler.spans().size() == 1);
  CHECK(profiler.rows().front().name == "now");
}

}  // namespace
}  // namespace weft
