#include "models/files/kept_files.hpp"

#include <optional>

#include "autograd/error.hpp"
#include "models/files/file.hpp"
#include "models/files/manifest.hpp"

namespace weft::models {
namespace {

namespace fs = std::filesystem;

/// Without a manifest that can be read, nothing is known to be weft's.
std::optional<Manifest> manifest_of(const fs::path& folder) {
  try {
    return Manifest(folder);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Syncs what a power failure could take: the entries of folders, and the content of new files.
void sync_tree(const fs::path& path, bool files, const std::string& name) {
  const fs::file_status status = fs::symlink_status(path);
  if (fs::is_directory(status)) {
    for (const std::string& entry : list_folder(path)) {
      sync_tree(path / entry, files, name);
    }
  }
  if (fs::is_directory(status) || (files && fs::is_regular_file(status))) {
    sync(path, name);
  }
}

void keep(const fs::path& from, const fs::path& to) {
  constexpr fs::copy_options kAll = fs::copy_options::recursive | fs::copy_options::copy_symlinks;
  std::error_code error;
  fs::copy(from, to, kAll | fs::copy_options::create_hard_links, error);
  const bool copied = static_cast<bool>(error);
  if (copied) {
    remove_folder(to);
    error.clear();
    fs::copy(from, to, kAll, error);
  }
  if (error) {
    fail("{}: cannot keep it in the new folder; got: {}; hint: move it elsewhere", from.string(),
         error.message());
  }
  sync_tree(to, copied, from.string());
}

}  // namespace

void keep_other_files(const fs::path& from, const fs::path& to) {
  const std::optional<Manifest> listed = manifest_of(from);
  for (const std::string& name : list_folder(from)) {
    const bool ours = listed && (name == kManifestName || listed->lists(name));
    if (!ours && !fs::exists(fs::symlink_status(to / name))) {
      keep(from / name, to / name);
    }
  }
}

}  // namespace weft::models
