#include "models/files/open_folder.hpp"

#include <cerrno>

#include "models/files/file.hpp"
#include "tests/catch.hpp"
#include "tests/data/not_root.hpp"
#include "tests/data/temporary_folder.hpp"

namespace weft::models {
namespace {

namespace fs = std::filesystem;
using data::TemporaryFolder;

TEST_CASE("open_folder: a folder goes with all it contains, and nothing that it links to") {
  const TemporaryFolder folder;
  fs::create_directories(folder.path("gone/a/b"));
  fs::create_directory(folder.path("kept"));
  for (const char* const name : {"gone/x", "gone/a/x", "gone/a/b/.x", "kept/x"}) {
    folder.write(name, "x");
  }
  fs::create_directory_symlink("../kept", folder.path("gone/link"));
  CHECK(remove_folder(folder.path("gone")) == 0);
  CHECK(list_folder(folder.path("")) == std::vector<std::string>{"kept"});
  CHECK(list_folder(folder.path("kept")) == std::vector<std::string>{"x"});
}

TEST_CASE("open_folder: a link to a folder is not removed, nor what it refers to") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path("kept"));
  folder.write("kept/x", "x");
  fs::create_directory_symlink("kept", folder.path("link"));
  CHECK(remove_folder(folder.path("link")) == ENOTDIR);
  CHECK(list_folder(folder.path("link")) == std::vector<std::string>{"x"});
}

TEST_CASE("open_folder: why a folder cannot be removed is told") {
  const TemporaryFolder folder;
  CHECK(remove_folder(folder.path("none")) == ENOENT);
  CHECK(remove_folder(folder.write("file", "x")) == ENOTDIR);
  CHECK_FALSE(OpenFolder(folder.path("none")).is_open());
  CHECK(fs::exists(folder.path("file")));
}

TEST_CASE(
    "open_folder: a read-only folder with an empty one in it is given up, not tried for ever") {
  const TemporaryFolder folder;
  fs::create_directories(folder.path("locked/a"));
  fs::permissions(folder.path("locked"), fs::perms(0555));
  fs::permissions(folder.path(""), fs::perms(0777));
  {
    const data::NotRoot somebody;
    CHECK(remove_folder(folder.path("locked")) == EACCES);
  }
  fs::permissions(folder.path("locked"), fs::perms::owner_all);
}

TEST_CASE("open_folder: an open folder is emptied, however many entries it has") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path("full"));
  for (int i = 0; i < 2000; ++i) {
    folder.write("full/" + std::to_string(i), "x");
  }
  OpenFolder open(folder.path("full"));
  REQUIRE(open.is_open());
  CHECK(open.clear() == 0);
  CHECK(open.next() == nullptr);
  CHECK(list_folder(folder.path("full")).empty());
}

}  // namespace
}  // namespace weft::models
