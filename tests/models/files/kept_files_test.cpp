#include "models/files/kept_files.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <vector>

#include "models/files/manifest.hpp"
#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/files/child_process.hpp"
#include "tests/models/message_of.hpp"

namespace weft::models {
namespace {

namespace fs = std::filesystem;
using data::TemporaryFolder;
using Names = std::vector<std::string>;

// Publishes a folder with these files and a manifest.
void publish(const fs::path& target, const Names& files, const std::string& text) {
  DirectoryWriter writer(target);
  for (const std::string& file : files) {
    writer.write_file(file, text);
  }
  write_manifest(writer);
  writer.commit();
}

std::string content(const fs::path& file) { return read_file(file, 100); }

// A published folder into which somebody has put a file, a hidden one, a folder and links.
void litter(const TemporaryFolder& folder) {
  publish(folder.path("best"), {"model", "vocab"}, "old");
  folder.write("best/notes.txt", "mine");
  folder.write("best/.hidden", "mine");
  fs::create_directories(folder.path("best/more/deep"));
  folder.write("best/more/deep/notes.txt", "mine");
  fs::create_symlink("nowhere", folder.path("best/broken"));
  fs::create_directory_symlink("more", folder.path("best/link"));
}

// Whether what `litter` put there is still there.
bool is_kept(const fs::path& best) {
  return content(best / "notes.txt") == "mine" && content(best / ".hidden") == "mine" &&
         content(best / "more/deep/notes.txt") == "mine" &&
         fs::read_symlink(best / "broken") == "nowhere" &&
         fs::read_symlink(best / "link") == "more";
}

const Names kEverything = {".hidden", "broken", "link",     "manifest.json",
                           "model",   "more",   "notes.txt"};

TEST_CASE("kept_files: what somebody has put into a folder outlives every replacement") {
  const TemporaryFolder folder;
  litter(folder);
  for (const char* const text : {"new", "newer"}) {
    publish(folder.path("best"), {"model"}, text);
    CHECK(list_folder(folder.path("best")) == kEverything);  // vocab was ours
    CHECK(is_kept(folder.path("best")));
    CHECK(content(folder.path("best/model")) == text);
    CHECK(list_folder(folder.path("")) == Names{"best"});
  }
  CHECK(message_of([&] { Manifest(folder.path("best")).file("notes.txt"); }) != "no error");
}

TEST_CASE("kept_files: without a manifest everything is kept that is not written anew") {
  const TemporaryFolder folder;
  for (const char* const manifest : {"none", "damaged"}) {
    publish(folder.path("best"), {"model", "vocab"}, "old");
    fs::remove(folder.path("best/manifest.json"));
    if (manifest == std::string("damaged")) {
      folder.write("best/manifest.json", "{");
    }
    publish(folder.path("best"), {"model"}, "new");
    CHECK(content(folder.path("best/vocab")) == "old");
    CHECK(content(folder.path("best/model")) == "new");
    CHECK_NOTHROW(Manifest(folder.path("best")).file("model"));
  }
}

TEST_CASE("kept_files: what cannot be kept stays, and is named") {
  const TemporaryFolder folder;
  const fs::path best = folder.path("best");
  litter(folder);
  REQUIRE(::mkfifo((best / "pipe").c_str(), 0666) == 0);
  const std::string message = message_of([&] { publish(best, {"model"}, "new"); });
  CHECK(contains(message, (best / "pipe").string() + ": cannot keep it in the new folder; got: "));
  CHECK(contains(message, "; hint: move it elsewhere"));
  CHECK(is_kept(best));
  CHECK(fs::is_fifo(best / "pipe"));
  CHECK(content(best / "model") == "old");
  CHECK(list_folder(folder.path("")) == Names{"best"});
}

#ifdef __linux__
// The calls that link files; which one the library makes depends on the architecture.
std::vector<std::uint32_t> linking_calls() {
#ifdef SYS_link
  return {SYS_link, SYS_linkat};
#else
  return {SYS_linkat};
#endif
}

// The calls at which a folder is published and the old one removed.
std::vector<std::uint32_t> changing_calls() {
  std::vector<std::uint32_t> calls = linking_calls();
  calls.insert(calls.end(), {SYS_fsync, SYS_symlinkat, SYS_renameat2, SYS_unlinkat});
#ifdef SYS_link
  calls.insert(calls.end(), {SYS_symlink, SYS_unlink, SYS_rmdir});
#endif
  return calls;
}

TEST_CASE("kept_files: files are copied where there are no hard links") {
  const TemporaryFolder folder;
  litter(folder);
  for (const std::uint32_t call : linking_calls()) {
    CHECK(status_of_child([&] {
            return forbid(call, EPERM) && message_of([&] {
                                            publish(folder.path("best"), {"model"}, "new");
                                          }) == "no error";
          }) == 0);
  }
  CHECK(list_folder(folder.path("best")) == kEverything);
  CHECK(is_kept(folder.path("best")));
  CHECK(content(folder.path("best/model")) == "new");
}

TEST_CASE("kept_files: a writer that is killed at any moment loses nothing") {
  for (const std::uint32_t call : changing_calls()) {
    INFO("system call " << call);
    const TemporaryFolder folder;
    litter(folder);
    status_of_child([&] {
      return filter_call(call, SECCOMP_RET_KILL_PROCESS) &&
             message_of([&] { publish(folder.path("best"), {"model"}, "new"); }).empty();
    });
    CHECK(is_kept(folder.path("best")));
    publish(folder.path("best"), {"model"}, "newer");
    CHECK(is_kept(folder.path("best")));
    CHECK(list_folder(folder.path("")) == Names{"best"});
  }
}
#endif

}  // namespace
}  // namespace weft::models
