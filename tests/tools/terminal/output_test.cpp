#include "tools/terminal/output.hpp"

#include "autograd/error.hpp"
#include "models/files/file.hpp"
#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"

namespace weft::tools {
namespace {

TEST_CASE("output: a file holds every line once it is closed") {
  const data::TemporaryFolder folder;
  const std::string path = folder.path("lines");
  Output output(path);
  std::string expected;
  for (int i = 0; i < 20000; ++i) {  // more than a buffer
    output.line(std::to_string(i));
    expected += std::to_string(i) + "\n";
  }
  output.json({{"last", true}});
  output.close();
  REQUIRE(models::read_file(path, 1U << 20) == expected + "{\"last\":true}\n");
}

TEST_CASE("output: a line stays one line, to the letter but for what ends it") {
  const data::TemporaryFolder folder;
  const std::string path = folder.path("lines");
  Output output(path);
  output.line("a\nb\u2028c\t\x1B[31m\u202E");
  output.verbatim("own\ntext");
  output.close();
  REQUIRE(models::read_file(path, 1U << 20) == "a b c\t\x1B[31m\u202E\nown\ntext\n");
}

TEST_CASE("output: what cannot be written is an error with the reason") {
  Output full("/dev/full");
  full.line("x");
  REQUIRE_THROWS_WITH(full.close(),
                      "/dev/full: cannot write the file; got: No space left on device");
  REQUIRE_THROWS_AS(Output("/nowhere/file"), Error);
}

}  // namespace
}  // namespace weft::tools
