#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
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
  /// Creates a file for writing, with permissions `mode` minus umask. Throws Error if it exists.
  /// Error messages call it `name`, or use its path if `name` is empty.
  static File create(const std::filesystem::path& path, std::string name = {}, mode_t mode = 0666);
  /// Opens a file for appending and creates it if it does not exist; or opens a device or pipe.
  static File append(const std::filesystem::path& path);
  /// Standard output, which stays open when this is closed.
  static File standard_output();

  /// Moves the file; the moved-from object may only be destroyed.
  File(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File& operator=(File&&) = delete;
  ~File();

  /// The file's name in error messages.
  const std::string& name() const { return name_; }
  /// The file descriptor, for operations that this class does not offer.
  int descriptor() const { return descriptor_; }
  /// The current size in bytes.
  std::uint64_t size() const;

  /// Fills `bytes`, starting where the last read ended. Throws Error if the file ends before.
  void read(std::span<std::byte> bytes);
  /// Fills `bytes` or less, if the file ends before; returns how many were read.
  std::size_t read_some(std::span<std::byte> bytes);
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

/// The place that a path refers to: its last component's symbolic links are followed, also to what
/// does not exist. Throws Error if they lead in a circle.
std::filesystem::path follow_links(const std::filesystem::path& path);

/// Waits until a file, or the entries of a directory, are on disk. Error messages call it `name`.
void sync(const std::filesystem::path& path, const std::string& name);

/// The system's message for an error number: "No space left on device".
std::string system_message(int error_number);

}  // namespace weft::nn
