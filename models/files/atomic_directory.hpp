#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "models/files/file.hpp"
#include "models/files/folder_lock.hpp"
#include "models/files/open_folder.hpp"

namespace weft::models {

/// Writes a folder atomically: the files are written to a temporary folder next to the target, and
/// `commit` moves it into the target's place in one step.
///
///     DirectoryWriter writer("run/last");
///     writer.write_file("config.json", text);
///     writer.commit();
///
/// Readers see either the old content or the new content, always complete, even after a crash or a
/// power failure at any moment. If anything fails, the old folder remains unchanged and the
/// temporary one is removed. What killed processes left behind is removed by the next writer of the
/// same target. What somebody else has put into the target is kept (`keep_other_files`), except
/// under a name that the new content has.
///
/// Names used next to a target `last`, and to be used by nobody else: `last.weft-<process id>` is a
/// folder being written, or an old one about to be removed. `last.weft-old` is the old folder
/// during the short time in which the target does not exist, on file systems that cannot exchange
/// two names; `published_directory` takes it into account.
///
/// A full disk is reported as an Error, but exceeding a limit on file sizes (RLIMIT_FSIZE) kills
/// the process unless it ignores SIGXFSZ.
class DirectoryWriter {
 public:
  /// Creates the temporary folder. The target's parent must exist. If the target is a symbolic
  /// link, the folder it points to is replaced.
  explicit DirectoryWriter(const std::filesystem::path& target);
  DirectoryWriter(const DirectoryWriter&) = delete;
  DirectoryWriter& operator=(const DirectoryWriter&) = delete;
  DirectoryWriter(DirectoryWriter&&) = delete;
  DirectoryWriter& operator=(DirectoryWriter&&) = delete;
  /// Removes the temporary folder unless it was committed.
  ~DirectoryWriter();

  /// The temporary folder. Until `commit`, files may be written to it by any means.
  const std::filesystem::path& path() const { return temporary_; }
  /// How error messages call a file of the folder: by the path it will have in the target.
  std::string name(const std::string& file) const { return (target_ / file).string(); }

  /// Writes one file.
  void write_file(const std::string& name, std::string_view bytes);
  /// Writes one file by calling `write`.
  void write_file(const std::string& name, const std::function<void(File&)>& write);

  /// Syncs everything to disk and moves the folder into the target's place. May be called once.
  void commit();

 private:
  friend void discard_unfinished() noexcept;
  void make_temporary();
  void publish() const;
  void discard() noexcept;

  std::filesystem::path target_;      ///< as given by the caller
  std::filesystem::path place_;       ///< the target, symbolic links resolved
  std::filesystem::path temporary_;   ///< next to `place_`
  std::optional<FolderLock> lock_;    ///< held while the temporary folder is in use
  std::optional<OpenFolder> open_;    ///< so that it can be emptied without memory or descriptors
  DirectoryWriter* older_ = nullptr;  ///< of those that have a temporary folder
};

/// Removes the temporary folders of this process's writers, needing no memory: for a program that
/// ends without unwinding its stack, as where a destructor runs out of memory.
void discard_unfinished() noexcept;

/// Cleans up after killed writers of `target`: restores an old folder that was moved out of its
/// place, and removes temporary folders that no living process has locked. Folders that cannot be
/// removed are left alone. Every DirectoryWriter does this first. Throws Error if an old folder
/// cannot be restored.
void remove_abandoned(const std::filesystem::path& target);

/// The path of the last committed content of `target`: `target` itself, or `target`.weft-old if a
/// writer was killed between two renames (see DirectoryWriter).
std::filesystem::path published_directory(const std::filesystem::path& target);

}  // namespace weft::models
