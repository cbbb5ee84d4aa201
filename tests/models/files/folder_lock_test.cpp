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
    const FolderLock lock(path);
    REQUIRE(contains(message_of([&] { const FolderLock second(path); }), "in use"));
  }
  REQUIRE_NOTHROW(FolderLock(path));
}

TEST_CASE("a folder that is missing cannot be locked") {
  const TemporaryFolder folder;
  const std::string path = folder.path("none");
  REQUIRE(contains(message_of([&] { const FolderLock lock(path); }), "No such file"));
}

}  // namespace
}  // namespace weft::models
