#include "models/files/file.hpp"

#include <sys/stat.h>

#include <array>

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/message_of.hpp"

namespace weft::models {
namespace {

using data::TemporaryFolder;

TEST_CASE("file: what is written is read back, in parts") {
  const TemporaryFolder folder;
  File out = File::create(folder.path("x"));
  out.write("ab");
  out.write("cd");
  out.close();
  REQUIRE(read_file(folder.path("x"), 4) == "abcd");

  File in = File::open(folder.path("x"));
  REQUIRE(in.size() == 4);
  std::array<std::byte, 3> part = {};
  in.read(part);
  REQUIRE(part[2] == std::byte{'c'});
  REQUIRE(message_of([&] { in.read(part); }) ==
          folder.path("x") + ": the file ends too early; expected 2 more bytes");
}

TEST_CASE("file: a new file has the mode that umask leaves") {
  const TemporaryFolder folder;
  const mode_t previous = ::umask(027);
  File::create(folder.path("x")).close();
  ::umask(previous);
  struct stat status {};
  REQUIRE(::stat(folder.path("x").c_str(), &status) == 0);
  REQUIRE((status.st_mode & 0777U) == 0640U);
}

TEST_CASE("file: errors name the file and the system's reason") {
  const TemporaryFolder folder;
  const std::string path = folder.write("x", "12345");
  REQUIRE(message_of([&] { File::open(folder.path("none")); }) ==
          folder.path("none") + ": cannot open the file; got: No such file or directory");
  REQUIRE(message_of([&] { File::create(path, "best/x"); }) ==
          "best/x: cannot create the file; got: File exists");
  REQUIRE(message_of([&] { read_file(path, 4); }) ==
          path + ": the file is too large; got 5 bytes; expected at most 4");
  REQUIRE(message_of([&] { list_folder(folder.path("none")); }) ==
          folder.path("none") + ": cannot list the folder; got: No such file or directory");
  REQUIRE(message_of([&] { sync(folder.path("none"), "last"); }) ==
          "last: cannot sync to the disk; got: No such file or directory");
}

TEST_CASE("file: only regular files are read, and a pipe does not block") {
  const TemporaryFolder folder;
  const std::string pipe = folder.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  REQUIRE(message_of([&] { File::open(pipe); }) ==
          pipe + ": cannot read the file; got a device or pipe; expected a regular file");
  REQUIRE(message_of([&] { File::open(folder.path("")); }) ==
          folder.path("") + ": cannot read the file; got a folder; expected a regular file");
}

TEST_CASE("file: a folder's names are sorted") {
  const TemporaryFolder folder;
  folder.write("b", "");
  folder.write("a", "");
  REQUIRE(list_folder(folder.path("")) == std::vector<std::string>{"a", "b"});
}

}  // namespace
}  // namespace weft::models
