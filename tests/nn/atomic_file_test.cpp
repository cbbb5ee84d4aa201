#include "nn/atomic_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/message_of.hpp"

namespace weft::nn {
namespace {

using data::TemporaryFolder;
using models::contains;
using models::message_of;
using Names = std::vector<std::string>;

constexpr const char* kAbandoned = ".weft-0123456789abcdef";

std::string content(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// What is in the folder, sorted.
Names names(const TemporaryFolder& folder) {
  Names names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path(""))) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

struct stat status_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status;
}

mode_t mode_of(const std::string& path) { return status_of(path).st_mode & 0777U; }

void put(const std::string& path, const std::string& text) {
  AtomicFile output(path);
  output.file().write(text);
  output.commit();
}

TEST_CASE("atomic_file: the old file stays until the new one is whole") {
  const TemporaryFolder folder;
  const std::string path = folder.path("x");
  const mode_t previous = ::umask(027);
  put(path, "first");
  ::umask(previous);
  REQUIRE(mode_of(path) == 0640U);
  REQUIRE(::chmod(path.c_str(), 0604) == 0);
  {
    AtomicFile output(path);
    output.file().write("second");
    REQUIRE(output.file().name() == path);
    REQUIRE(content(path) == "first");
    REQUIRE(content(output.temporary()) == "second");
    REQUIRE(mode_of(output.temporary()) == 0604U);
    output.commit();
  }
  REQUIRE(content(path) == "second");
  REQUIRE(mode_of(path) == 0604U);
  { AtomicFile(path).file().write("never committed"); }
  REQUIRE(content(path) == "second");
  REQUIRE(names(folder) == Names{"x"});
}

TEST_CASE("atomic_file: a link is followed, what is no file stays what it is") {
  const TemporaryFolder folder;
  const std::string path = folder.write("x", "old");
  std::filesystem::create_symlink("x", folder.path("link"));
  put(folder.path("link"), "new");
  REQUIRE(content(path) == "new");
  REQUIRE(std::filesystem::is_symlink(folder.path("link")));
  std::filesystem::create_symlink("new", folder.path("dangling"));
  std::filesystem::create_symlink("dangling", folder.path("twice"));
  put(folder.path("twice"), "made");
  REQUIRE(content(folder.path("new")) == "made");
  REQUIRE(names(folder) == Names{"dangling", "link", "new", "twice", "x"});
  REQUIRE(std::filesystem::is_symlink(folder.path("dangling")));
  const auto message = [](const std::string& place) {
    return message_of([&] { const AtomicFile output(place); });
  };
  REQUIRE(message(folder.path("")) ==
          folder.path("") +
              ": cannot write the file; got a folder; expected a regular file or none");
  REQUIRE(contains(message("/dev/null"), "got a device or pipe"));
  std::filesystem::create_symlink("circle", folder.path("circle"));
  REQUIRE(message(folder.path("circle")) ==
          folder.path("circle") +
              ": cannot follow the symbolic link; got: Too many levels of "
              "symbolic links");
  REQUIRE(message(folder.path("none/x")) ==
          folder.path("none/x") + ": cannot create the file; got: No such file or directory");
}

TEST_CASE("atomic_file: the owner of a file that is there is kept") {
  if (::getuid() != 0) {
    WARN("skipped: only root may give files away");
    return;
  }
  const TemporaryFolder folder;
  const std::string path = folder.write("x", "old");
  REQUIRE(::chown(path.c_str(), 65534, 65533) == 0);
  put(path, "new");
  REQUIRE(status_of(path).st_uid == 65534U);
  REQUIRE(status_of(path).st_gid == 65533U);
}

TEST_CASE("atomic_file: what killed processes left is removed, and nothing else") {
  const TemporaryFolder folder;
  const Names others = {".weft-0123456789abcde", ".weft-0123456789abcdefa",
                        ".weft-0123456789abcdeg", "weft-0123456789abcdef"};
  for (const std::string& name : others) {
    folder.write(name, "x");
  }
  folder.write(kAbandoned, "half");
  put(folder.path("y"), "whole");
  Names expected = others;
  expected.emplace_back("y");
  REQUIRE(names(folder) == expected);
}

TEST_CASE("atomic_file: the file of a living writer is left alone") {
  const TemporaryFolder folder;
  AtomicFile slow(folder.path("x"));
  slow.file().write("slow");
  put(folder.path("x"), "fast");
  slow.commit();
  REQUIRE(content(folder.path("x")) == "slow");

  folder.write(kAbandoned, "of another process");
  const int held = ::open(folder.path(kAbandoned).c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(::flock(held, LOCK_EX) == 0);
  put(folder.path("x"), "new");
  REQUIRE(names(folder) == Names{kAbandoned, "x"});
  ::close(held);
}

}  // namespace
}  // namespace weft::nn
