#include "models/files/manifest.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

#include "autograd/error.hpp"
#include "models/files/json.hpp"

namespace weft::models {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kFormatVersion = 1;
constexpr std::uint64_t kMaxManifestBytes = std::uint64_t{1} << 20;
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

// XXH3 in its canonical form: 128 bits, big-endian, as 32 hexadecimal digits.
std::string digest(const XXH3_state_t& state) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
  return fmt::format("{:02x}", fmt::join(canonical.digest, ""));
}

FileContent describe(const fs::path& path) {
  File file = File::open(path);
  const std::uint64_t size = file.size();
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       XXH3_freeState);
  if (XXH3_128bits_reset(state.get()) != XXH_OK) {  // the allocation failed
    throw std::bad_alloc();
  }
  std::vector<std::byte> block(std::min<std::uint64_t>(size, kBlockBytes));
  for (std::uint64_t left = size; left > 0;) {
    const auto part = std::span(block).first(std::min<std::uint64_t>(left, block.size()));
    file.read(part);
    XXH3_128bits_update(state.get(), part.data(), part.size());
    left -= part.size();
  }
  return {size, digest(*state)};
}

void check_name(const std::string& name, const std::string& where) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
    fail("{}: lists '{}'; expected the name of a file in this folder", where, printable(name));
  }
}

}  // namespace

void write_manifest(DirectoryWriter& writer) {
  Json files = Json::object();
  for (const std::string& name : list_folder(writer.path())) {
    const FileContent file = describe(writer.path() / name);
    files[name] = {{"size", file.size}, {"xxh3_128", file.checksum}};
  }
  const Json manifest = {{"format_version", kFormatVersion}, {"files", std::move(files)}};
  writer.write_file(kManifestName, to_text(manifest, kManifestName));
}

Manifest::Manifest(fs::path folder) : folder_(std::move(folder)) {
  const std::string where = (folder_ / kManifestName).string();
  const std::string text = read_file(where, kMaxManifestBytes);
  const Json json = parse_json_strict(text, where);
  const JsonObject manifest(json, where);
  manifest.integer("format_version", kFormatVersion, kFormatVersion);
  const JsonObject files = manifest.object("files");
  manifest.reject_unknown();
  // The manifest must have exactly the text that weft writes: any change is detected, even in white
  // space.
  if (to_text(json, where) != text) {
    fail("{}: not in canonical form; hint: the file is damaged", where);
  }
  for (const std::string& name : files.fields()) {
    check_name(name, where);
    const JsonObject entry = files.object(name);
    files_[name] = {entry.unsigned_integer("size"), entry.string("xxh3_128")};
    entry.reject_unknown();
  }
}

fs::path Manifest::file(const std::string& name) const {
  const auto listed = files_.find(name);
  if (listed == files_.end()) {
    fail("{}: does not list {}; hint: the folder is incomplete", (folder_ / kManifestName).string(),
         name);
  }
  fs::path path = folder_ / name;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    fail("{}: the file is missing; hint: it is listed in {}", path.string(), kManifestName);
  }
  if (const std::uint64_t size = File::open(path).size(); size != listed->second.size) {
    fail("{}: size differs; got {} bytes; expected {}; hint: the file is damaged", path.string(),
         size, listed->second.size);
  }
  if (const std::string checksum = describe(path).checksum; checksum != listed->second.checksum) {
    fail("{}: checksum differs; got {}; expected {}; hint: the file is damaged", path.string(),
         checksum, listed->second.checksum);
  }
  return path;
}

}  // namespace weft::models
