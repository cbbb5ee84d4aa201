#include "models/files/folder_lock.hpp"

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/message_of.hpp"

namespace weft::models {
namespace {

using data::TemporaryFolder;

TEST_CASE("a folder is locked once at a time") {
  const TemporaryFolder folder;
  const std::string path = folder.path("");
  {
    const FolderLock lock(path, "run", false);
    CHECK(lock.state() == nn::Lock::taken);
    CHECK(FolderLock(path, "run", false).state() == nn::Lock::busy);
  }
  CHECK(FolderLock(path, "run", false).state() == nn::Lock::taken);
}

TEST_CASE("a lock tells whether its folder was replaced") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path("run");
  std::filesystem::create_directory(path);
  const FolderLock lock(path, "run", true);
  CHECK(lock.is_on(path));
  std::filesystem::rename(path, folder.path("old"));
  CHECK_FALSE(lock.is_on(path));
  std::filesystem::create_directory(path);
  CHECK_FALSE(lock.is_on(path));
}

TEST_CASE("a folder that is missing cannot be locked") {
  const TemporaryFolder folder;
  CHECK(message_of([&] { const FolderLock lock(folder.path("none.weft-1"), "none", false); }) ==
        "none: cannot open the folder; got: No such file or directory");
}

}  // namespace
}  // namespace weft::models
