#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "models/files/file.hpp"

namespace weft::models {

/// Writes a folder as a whole: the files are written into a temporary folder beside the target,
/// and `commit` puts it in the target's place at once.
///
///     DirectoryWriter writer("run/last");
///     writer.write_file("config.json", text);
///     writer.commit();
///
/// Whoever looks at the target sees the old content or the new one, whole, even after a crash or a
/// power cut at any moment. If anything fails, the old folder stays as it was and the temporary
/// one is removed. What killed runs left behind is removed by the next writer of the same target.
///
/// Names beside the target `last`: `last.tmp-<process id>` is being written (or is an old folder
/// about to be removed); `last.tmp-old` is the old folder for the moment in which a file system
/// that cannot exchange two names has none in its place. `published_directory` knows the latter.
///
/// A full disk is an Error, but a limit on file sizes (RLIMIT_FSIZE) kills the process unless it
/// ignores SIGXFSZ.
class DirectoryWriter {
 public:
  /// Makes the temporary folder. The target's parent must exist; if the target is a symbolic link,
  /// the folder it points to is replaced.
  explicit DirectoryWriter(const std::filesystem::path& target);
  DirectoryWriter(const DirectoryWriter&) = delete;
  DirectoryWriter& operator=(const DirectoryWriter&) = delete;
  DirectoryWriter(DirectoryWriter&&) = delete;
  DirectoryWriter& operator=(DirectoryWriter&&) = delete;
  /// Removes the temporary folder unless it was committed.
  ~DirectoryWriter();

  /// The temporary folder. Files may be written into it by any means until `commit`.
  const std::filesystem::path& path() const { return temporary_; }

  /// Writes one file. Errors call it by the name it will have in the target.
  void write_file(const std::string& name, std::string_view bytes);
  /// Writes one file by calling `write`.
  void write_file(const std::string& name, const std::function<void(File&)>& write);

  /// Syncs everything to the disk and puts the folder in the target's place. Once only.
  void commit();

 private:
  void make_temporary();
  void publish() const;
  void discard();

  std::filesystem::path target_;     ///< as the caller named it
  std::filesystem::path place_;      ///< the target without a symbolic link
  std::filesystem::path temporary_;  ///< beside `place_`
  int lock_ = -1;                    ///< held while the temporary folder is in use
};

/// Undoes what killed writers of `target` left undone: brings back an old folder that was taken out
/// of its place, and removes temporary folders that no living process holds; what cannot be removed
/// stays. Every DirectoryWriter begins with it. Throws Error if an old folder cannot be brought
/// back.
void remove_abandoned(const std::filesystem::path& target);

/// Where the last committed content of `target` is: `target` itself, but `target`.tmp-old if a
/// writer was killed between two renames (see DirectoryWriter).
std::filesystem::path published_directory(const std::filesystem::path& target);

}  // namespace weft::models
