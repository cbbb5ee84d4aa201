#include "autograd/gradcheck/gradcheck.hpp"

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"
#include "models/files/json.hpp"
#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tools/commands/commands.hpp"

namespace weft::tools {
namespace {

/// What `call` writes to standard output.
template <class F>
std::string printed_by(F&& call) {
  const data::TemporaryFolder folder;
  const std::string path = folder.write("out", "");
  std::fflush(stdout);
  const int saved = dup(STDOUT_FILENO);
  REQUIRE(std::freopen(path.c_str(), "w", stdout) != nullptr);
  call();
  std::fflush(stdout);
  dup2(saved, STDOUT_FILENO);
  close(saved);
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("gradcheck prints the report of a wrong gradient") {
  const Op wrong("planted_sign",
                 [](Sampler& s) -> Sample {
                   return {{s.normal({2, 3})}, [](const auto& x) {
                             static const Op op = Op::unchecked("planted", "wrong on purpose");
                             return record(op, {x[0]}, x[0].detach() * 3.0,
                                           [](const Backward& backward) -> Gradients {
                                             return {backward.grad() * -3.0};
                                           });
                           }};
                 },
                 {});
  int status = 0;
  const std::string text = printed_by([&] {
    status = gradcheck({"planted_sign", "neg", "--samples", "5", "--json"});
  });
  CAPTURE(text);
  CHECK(status == 1);
  const auto has = [&](const std::string& part) { return text.find(part) != std::string::npos; };
  CHECK(has("planted_sign                       5"));
  CHECK(has("FAILED\n    planted_sign, sample 0: wrong gradient of first order: sign\n"));
  CHECK(has("\n      where     input 0 of shape [2, 3], element "));
  CHECK(has("\n      diagnosis analytic = -numeric in every element."));
  CHECK(has("    ... and 3 more failures\n"));
  CHECK(has("2 ops and 0 modules, 10 samples: 1 failed\n"));
  const std::string last = text.substr(text.rfind('\n', text.size() - 2) + 1);
  const models::Json json = models::Json::parse(last);
  CHECK(json["ops"] == 2);
  CHECK(json["modules"] == 0);
  CHECK(json["samples"] == 10);
  CHECK(json["max_rel_error"] > 0.1);
  CHECK(json["max_rel_error_second"] < 1e-5);
  CHECK(json["failed"] == models::Json::array({"planted_sign"}));
}

}  // namespace
}  // namespace weft::tools
