#include "models/files/file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "autograd/error.hpp"
#include "models/files/open_folder.hpp"

namespace weft::models {

namespace {

/// Reads a file that says its size is 0, as those of /proc do whatever they contain, to its end.
std::string read_to_end(File& file, std::uint64_t max_bytes) {
  constexpr std::size_t kPiece = 4096;
  std::string content;
  for (std::size_t size = kPiece; size == kPiece;) {
    std::array<std::byte, kPiece> piece;
    size = file.read_some(piece);
    content.append(reinterpret_cast<const char*>(piece.data()), size);
    if (content.size() > max_bytes) {
      fail("{}: the file is too large; expected at most {} bytes", file.name(), max_bytes);
    }
  }
  return content;
}

}  // namespace

std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  File file = File::open(path);
  const std::uint64_t size = file.size();
  if (size == 0) {
    return read_to_end(file, max_bytes);
  }
  if (size > max_bytes) {
    fail("{}: the file is too large; got {} bytes; expected at most {}", file.name(), size,
         max_bytes);
  }
  std::string content(size, '\0');
  file.read(std::as_writable_bytes(std::span(content)));
  return content;
}

std::vector<std::string> list_folder(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  OpenFolder open(folder);
  while (const char* const name = open.is_open() ? open.next() : nullptr) {
    names.emplace_back(name);
  }
  if (const int error = errno; error != 0) {
    fail("{}: cannot list the folder; got: {}", folder.string(), system_message(error));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace weft::models
