#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace weft::nn {

/// A file opened for reading or writing bytes, without buffering. Every failure throws an Error
/// that names the file and gives the system's reason: "No space left on device".
class File {
 public:
  /// Opens a regular file for reading. Throws Error for a directory, a pipe or a device.
  static File open(const std::filesystem::path& path);
  /// Creates a file for writing. Throws Error if it exists. Error messages call it `name`, or use
  /// its path if `name` is empty.
  static File create(const std::filesystem::path& path, std::string name = {});

  /// Opens a file for appending; creates it if it does not exist.
  static File append(const std::filesystem::path& path);

  /// Moves the file; the moved-from object may only be destroyed.
  File(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File& operator=(File&&) = delete;
  ~File();

  /// The file's name in error messages.
  const std::string& name() const { return name_; }
  /// The current size in bytes.
  std::uint64_t size() const;

  /// Fills `bytes`, starting where the last read ended. Throws Error if the file ends before.
  void read(std::span<std::byte> bytes);
  /// Appends all of `bytes`.
  void write(std::span<const std::byte> bytes);
  /// Appends the bytes of the text unchanged, without a newline.
  void write(std::string_view text);
  /// Closes the file and reports errors that the system detects only now. Without this call, the
  /// destructor closes the file silently.
  void close();

 private:
  File(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  int descriptor_;
  std::string name_;
};

/// Replaces the file `path` atomically with what `write` writes: the content is written under
/// another name in the same directory, synced and renamed, so a reader of `path` finds either the
/// old file or the new one, and an error leaves the old one. Keeps the mode of an existing file and
/// follows a symbolic link. Throws Error if `path` is a directory or a device.
void replace_file(const std::filesystem::path& path, const std::function<void(File&)>& write);

/// Waits until a file, or the entries of a directory, are on disk. Error messages call it `name`.
void sync(const std::filesystem::path& path, const std::string& name);

/// The system's message for an error number: "No space left on device".
std::string system_message(int error_number);

}  // namespace weft::nn
