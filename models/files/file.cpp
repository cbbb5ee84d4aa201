#include "models/files/file.hpp"

#include <algorithm>
#include <span>

#include "autograd/error.hpp"

namespace weft::models {

std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  File file = File::open(path);
  const std::uint64_t size = file.size();
  if (size > max_bytes) {
    fail("{}: the file is too large; got {} bytes; expected at most {}", file.name(), size,
         max_bytes);
  }
  // The files of /proc have size 0, whatever they contain.
  std::string content(size > 0 ? size : max_bytes, '\0');
  content.resize(file.read_some(std::as_writable_bytes(std::span(content))));
  return content;
}

std::vector<std::string> list_folder(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  try {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      names.push_back(entry.path().filename().string());
    }
  } catch (const std::filesystem::filesystem_error& error) {
    fail("{}: cannot list the folder; got: {}", folder.string(), error.code().message());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace weft::models
