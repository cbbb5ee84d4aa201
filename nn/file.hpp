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

/// A file opened for reading or writing bytes, without a buffer of its own. Every failure is an
/// Error that names the file and gives the system's reason: "No space left on device".
class File {
 public:
  /// Opens a regular file for reading. A folder, a pipe or a device is an Error.
  static File open(const std::filesystem::path& path);
  /// Creates a file for writing, with what umask leaves of `mode`; one that exists is an Error.
  /// Errors call it `name`, or by its path if that is empty.
  static File create(const std::filesystem::path& path, std::string name = {}, mode_t mode = 0666);
  /// Opens a file for writing at its end, made if there is none; or a device or pipe.
  static File append(const std::filesystem::path& path);
  /// Standard output, which stays open when this is closed.
  static File standard_output();

  /// Takes the file over; what is left may only be destroyed.
  File(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File& operator=(File&&) = delete;
  ~File();

  /// How errors call the file.
  const std::string& name() const { return name_; }
  /// The system's number of it, for what this class has no function for.
  int descriptor() const { return descriptor_; }
  /// Its size in bytes now.
  std::uint64_t size() const;

  /// Fills `bytes` from where the last read ended; a file that ends before is an Error.
  void read(std::span<std::byte> bytes);
  /// Appends all of `bytes`.
  void write(std::span<const std::byte> bytes);
  /// Appends the text's bytes as they are, without a line end.
  void write(std::string_view text);
  /// Closes the file and reports what the system found wrong only now. Without it, the destructor
  /// closes in silence.
  void close();

 private:
  File(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  int descriptor_;
  std::string name_;
};

/// Waits until a file, or the names in a folder, are on the disk. Errors call it `name`.
void sync(const std::filesystem::path& path, const std::string& name);

/// The system's text for an error number: "No space left on device".
std::string system_message(int error_number);

}  // namespace weft::nn
