#include "models/files/atomic_directory.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/files/child_process.hpp"
#include "tests/models/message_of.hpp"

namespace weft::models {
namespace {

namespace fs = std::filesystem;
using data::TemporaryFolder;
using Names = std::vector<std::string>;

// Publishes a folder of two files that both contain `text`.
void publish(const fs::path& target, const std::string& text) {
  DirectoryWriter writer(target);
  writer.write_file("a", text);
  writer.write_file("b", [&](File& file) { file.write(text); });
  writer.commit();
}

// Whether `folder` is a complete folder made by `publish`.
bool holds(const fs::path& folder, const std::string& text) {
  return list_folder(folder) == Names{"a", "b"} && read_file(folder / "a", 100) == text &&
         read_file(folder / "b", 100) == text;
}

TEST_CASE("atomic_directory: a folder is published and replaced, and nothing else stays") {
  const TemporaryFolder folder;
  publish(folder.path("last"), "one");
  REQUIRE(holds(folder.path("last"), "one"));
  publish(folder.path("last"), "two");
  REQUIRE(holds(folder.path("last"), "two"));
  publish(folder.path("last/"), "three");
  REQUIRE(holds(folder.path("last"), "three"));
  REQUIRE(list_folder(folder.path("")) == Names{"last"});
}

TEST_CASE("atomic_directory: files written by other means are published, too") {
  const TemporaryFolder folder;
  DirectoryWriter writer(folder.path("last"));
  std::ofstream(writer.path() / "c") << "other";
  REQUIRE(!fs::exists(folder.path("last")));
  writer.commit();
  REQUIRE(read_file(folder.path("last/c"), 100) == "other");
  REQUIRE(contains(message_of([&] { writer.commit(); }), "the folder was committed before"));
}

TEST_CASE("atomic_directory: without commit the old folder stays and the new one goes") {
  const TemporaryFolder folder;
  publish(folder.path("last"), "old");
  {
    DirectoryWriter writer(folder.path("last"));
    writer.write_file("a", "new");
    REQUIRE(list_folder(folder.path("")).size() == 2);
  }
  REQUIRE(holds(folder.path("last"), "old"));
  REQUIRE(list_folder(folder.path("")) == Names{"last"});
}

TEST_CASE("atomic_directory: folders have the mode that umask leaves") {
  const TemporaryFolder folder;
  const mode_t previous = ::umask(027);
  publish(folder.path("last"), "x");
  ::umask(previous);
  struct stat status {};
  REQUIRE(::stat(folder.path("last").c_str(), &status) == 0);
  REQUIRE((status.st_mode & 0777U) == 0750U);
}

TEST_CASE("atomic_directory: a symbolic link stays, what it points to is replaced") {
  const TemporaryFolder folder;
  fs::create_directory(folder.path("disk"));
  fs::create_symlink("disk/real", folder.path("last"));
  publish(folder.path("last"), "one");
  publish(folder.path("last"), "two");
  REQUIRE(fs::is_symlink(folder.path("last")));
  REQUIRE(holds(folder.path("disk/real"), "two"));
  REQUIRE(list_folder(folder.path("disk")) == Names{"real"});
}

TEST_CASE("atomic_directory: what killed writers left is removed, and nothing else") {
  const TemporaryFolder folder;
  for (const char* const name : {"last.weft-1", "last.weft-99999999", "last.weft-", "last.weft-1x",
                                 "last2.weft-1", "last.weft", "best.weft-1"}) {
    fs::create_directory(folder.path(name));
    folder.write(std::string(name) + "/a", "x");
  }
  publish(folder.path("last"), "new");
  REQUIRE(list_folder(folder.path("")) ==
          Names{"best.weft-1", "last", "last.weft", "last.weft-", "last.weft-1x", "last2.weft-1"});
}

TEST_CASE("atomic_directory: the folder of a living writer is left alone") {
  const TemporaryFolder folder;
  DirectoryWriter writer(folder.path("last"));
  writer.write_file("a", "first");
  writer.write_file("b", "first");
  REQUIRE(status_of_child([&] {
            return message_of([&] { publish(folder.path("last"), "second"); }) == "no error" &&
                   holds(folder.path("last"), "second");
          }) == 0);
  writer.commit();
  REQUIRE(holds(folder.path("last"), "first"));
  REQUIRE(list_folder(folder.path("")) == Names{"last"});
}

TEST_CASE("atomic_directory: a writer that fails leaves the old folder whole") {
  const TemporaryFolder folder;
  publish(folder.path("last"), "old");
  REQUIRE(message_of([&] {
            DirectoryWriter writer(folder.path("last"));
            writer.write_file("a", "new");
            writer.write_file("b", [](File& file) {
              file.write("ne");
              fail("no more");
            });
          }) == "no more");
  REQUIRE(holds(folder.path("last"), "old"));
  REQUIRE(list_folder(folder.path("")) == Names{"last"});
}

// The limit on file sizes simulates a full disk: the write fails halfway.
TEST_CASE("atomic_directory: a write that the system refuses leaves the old folder whole") {
  const TemporaryFolder folder;
  publish(folder.path("last"), "old");
  const std::string expected =
      folder.path("last/weights") + ": cannot write the file; got: File too large";
  REQUIRE(status_of_child([&] {
            std::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit = {4096, 4096};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            return message_of([&] {
                     DirectoryWriter writer(folder.path("last"));
                     writer.write_file("a", "new");
                     writer.write_file("weights", std::string(10000, 'x'));
                     writer.commit();
                   }) == expected;
          }) == 0);
  REQUIRE(holds(folder.path("last"), "old"));
  REQUIRE(list_folder(folder.path("")) == Names{"last"});
}

TEST_CASE("atomic_directory: a writer that is killed leaves the old folder whole") {
  const TemporaryFolder folder;
  publish(folder.path("last"), "old");
  const int status = status_of_child([&] {
    DirectoryWriter writer(folder.path("last"));
    writer.write_file("a", "new");
    return std::raise(SIGKILL) == 0;
  });
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(holds(folder.path("last"), "old"));
  REQUIRE(list_folder(folder.path("")).size() == 2);
  publish(folder.path("last"), "new");
  REQUIRE(holds(folder.path("last"), "new"));
  REQUIRE(list_folder(folder.path("")) == Names{"last"});
}

#ifdef __linux__
TEST_CASE("atomic_directory: folders are replaced where names cannot be exchanged") {
  const TemporaryFolder folder;
  publish(folder.path("last"), "old");
  REQUIRE(status_of_child([&] {
            return forbid(SYS_renameat2, ENOSYS) &&
                   message_of([&] { publish(folder.path("last"), "new"); }) == "no error";
          }) == 0);
  REQUIRE(holds(folder.path("last"), "new"));
  REQUIRE(list_folder(folder.path("")) == Names{"last"});
}

// Opening a folder takes memory and a descriptor, of which there may be none left.
TEST_CASE("atomic_directory: a folder that is given up goes even if no folder can be opened") {
  const TemporaryFolder folder;
  for (const bool unwinding : {true, false}) {
    CAPTURE(unwinding);
    CHECK(status_of_child([&] {
            std::optional<DirectoryWriter> writer(folder.path("last"));
            writer->write_file("a", "new");
            const fs::path temporary = writer->path();
            const bool forbidden = forbid(SYS_openat, ENOMEM);
            unwinding ? writer.reset() : discard_unfinished();
            std::error_code ignored;
            return forbidden && !fs::exists(temporary, ignored);
          }) == 0);
    CHECK(list_folder(folder.path("")).empty());
  }
}

TEST_CASE("atomic_directory: a lock that cannot be waited for is no obstacle") {
  const TemporaryFolder folder;
  publish(folder.path("last"), "old");
  REQUIRE(status_of_child([&] {
            return forbid(SYS_flock, EAGAIN) &&
                   message_of([&] { publish(folder.path("last"), "new"); }) == "no error";
          }) == 0);
  REQUIRE(holds(folder.path("last"), "new"));
  REQUIRE(list_folder(folder.path("")) == Names{"last"});
}
#endif

// With such a umask nobody but root can open a folder that he has made.
TEST_CASE("atomic_directory: a folder that cannot be opened is named, and goes") {
  const TemporaryFolder folder;
  const std::string last = folder.path("last");
  fs::permissions(folder.path(""), fs::perms::all);
  constexpr uid_t kNobody = 65534;
  REQUIRE(status_of_child([&] {
            ::umask(0777);
            return (::geteuid() != 0 || ::setuid(kNobody) == 0) &&
                   message_of([&] { publish(last, "new"); }) ==
                       last + ": cannot open the folder; got: Permission denied";
          }) == 0);
  REQUIRE(list_folder(folder.path("")).empty());
}

TEST_CASE("atomic_directory: what another writer left and cannot be removed is named") {
  const TemporaryFolder folder;
  const std::string last = folder.path("last");
  fs::permissions(folder.path(""), fs::perms::all);
  constexpr uid_t kNobody = 65534;
  REQUIRE(status_of_child([&] {
            const std::string left = fmt::format("last.weft-{}", ::getpid());
            fs::create_directory(folder.path(left));
            folder.write(left + "/a", "x");
            fs::permissions(folder.path(left), fs::perms{0555});
            return (::geteuid() != 0 || ::setuid(kNobody) == 0) &&
                   message_of([&] { publish(last, "new"); }) ==
                       fmt::format(
                           "{}: cannot remove {}, left by another writer; got: Permission denied",
                           last, left);
          }) == 0);
}

TEST_CASE("atomic_directory: an old folder out of its place is found and brought back") {
  const TemporaryFolder folder;
  const fs::path last = folder.path("last");
  publish(last, "old");
  REQUIRE(published_directory(last) == last);
  fs::rename(last, folder.path("last.weft-old"));  // as if killed between two renames
  REQUIRE(published_directory(last) == folder.path("last.weft-old"));
  { const DirectoryWriter uncommitted(last); }
  REQUIRE(holds(last, "old"));
  REQUIRE(list_folder(folder.path("")) == Names{"last"});
}

TEST_CASE("atomic_directory: an old folder beside its successor is removed") {
  const TemporaryFolder folder;
  publish(folder.path("last"), "new");
  publish(folder.path("last.weft-old"), "old");
  REQUIRE(published_directory(folder.path("last")) == folder.path("last"));
  publish(folder.path("last"), "newer");
  REQUIRE(holds(folder.path("last"), "newer"));
  REQUIRE(list_folder(folder.path("")) == Names{"last"});
}

TEST_CASE("atomic_directory: a target that cannot be replaced is an error") {
  const TemporaryFolder folder;
  const auto message = [](const std::string& target) {
    return message_of([&] { const DirectoryWriter writer(target); });
  };
  const std::string file = folder.write("file", "x");
  REQUIRE(message(file) == file + ": cannot replace it; got a file; expected a folder");
  REQUIRE(contains(message(folder.path("none/last")), "got: No such file or directory"));
  for (const char* const target : {"", "/", ".", ".."}) {
    REQUIRE(contains(message(target), ": cannot replace this folder"));
  }
  REQUIRE(published_directory(folder.path("none")) == folder.path("none"));
}

}  // namespace
}  // namespace weft::models
