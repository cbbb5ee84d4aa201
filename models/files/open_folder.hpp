#pragma once

#include <dirent.h>

#include <filesystem>

namespace weft::models {

/// A folder that is open for its entries. Unlike std::filesystem's iterators, which end the program
/// if memory runs out, it allocates nothing but when it is opened.
class OpenFolder {
 public:
  /// Opens the folder; if that fails, `errno` says why and `is_open` is false.
  explicit OpenFolder(const std::filesystem::path& folder) noexcept
      : folder_(::opendir(folder.c_str())) {}
  /// Opens the folder of this name in an open one (AT_FDCWD: the current one). A symbolic link is
  /// not followed.
  OpenFolder(int parent, const char* name) noexcept;
  OpenFolder(const OpenFolder&) = delete;
  OpenFolder& operator=(const OpenFolder&) = delete;
  OpenFolder(OpenFolder&&) = delete;
  OpenFolder& operator=(OpenFolder&&) = delete;
  ~OpenFolder();

  /// Whether it could be opened.
  bool is_open() const { return folder_ != nullptr; }
  /// The name of the next entry, valid until the next call; null after the last one, or if `errno`,
  /// which is 0 otherwise, says that reading failed.
  const char* next() noexcept;
  /// Removes all entries, and the folders among them with all they contain. Returns 0, or an
  /// `errno` that says why some could not be removed.
  int clear() noexcept;

 private:
  int remove(const char* name) noexcept;

  DIR* folder_;
};

/// Removes a folder with all it contains, but nothing that a symbolic link refers to, be it the
/// folder itself. Returns 0, or the `errno` that says why not.
int remove_folder(const std::filesystem::path& folder) noexcept;

}  // namespace weft::models
