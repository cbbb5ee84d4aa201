#include "nn/file.hpp"

#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/message_of.hpp"

namespace weft::nn {
namespace {

using data::TemporaryFolder;
using models::message_of;

std::string content(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

TEST_CASE("file: what is written is read back, in parts") {
  const TemporaryFolder folder;
  File out = File::create(folder.path("x"));
  out.write("ab");
  out.write("cd");
  out.close();
  REQUIRE(content(folder.path("x")) == "abcd");

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
  REQUIRE(mode_of(folder.path("x")) == 0640U);
}

TEST_CASE("file: errors name the file and the system's reason") {
  const TemporaryFolder folder;
  const std::string path = folder.write("x", "12345");
  REQUIRE(message_of([&] { File::open(folder.path("none")); }) ==
          folder.path("none") + ": cannot open the file; got: No such file or directory");
  REQUIRE(message_of([&] { File::create(path, "best/x"); }) ==
          "best/x: cannot create the file; got: File exists");
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

}  // namespace
}  // namespace weft::nn
