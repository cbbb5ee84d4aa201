#include "models/files/file.hpp"

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/message_of.hpp"

namespace weft::models {
namespace {

using data::TemporaryFolder;

TEST_CASE("file: a file is read whole, if it is not too large") {
  const TemporaryFolder folder;
  const std::string path = folder.write("x", "12345");
  REQUIRE(read_file(path, 5) == "12345");
  REQUIRE(message_of([&] { read_file(path, 4); }) ==
          path + ": the file is too large; got 5 bytes; expected at most 4");
}

TEST_CASE("file: a file that claims to be empty is read to its end") {
  const std::string status = "/proc/self/status";
  if (!std::filesystem::exists(status)) {
    WARN("skipped: there is no /proc");
    return;
  }
  REQUIRE(std::filesystem::file_size(status) == 0);
  REQUIRE(contains(read_file(status, 100'000), "Pid:"));
  REQUIRE(message_of([&] { read_file(status, 10); }) ==
          status + ": the file is too large; expected at most 10 bytes");
}

TEST_CASE("file: a folder's names are sorted") {
  const TemporaryFolder folder;
  folder.write("b", "");
  folder.write("a", "");
  REQUIRE(list_folder(folder.path("")) == std::vector<std::string>{"a", "b"});
  REQUIRE(message_of([&] { list_folder(folder.path("none")); }) ==
          folder.path("none") + ": cannot list the folder; got: No such file or directory");
}

}  // namespace
}  // namespace weft::models
