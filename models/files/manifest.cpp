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

struct Listed {
  std::uint64_t size;
  std::string checksum;
};

// XXH3 in its canonical form: 128 bits, big-endian, as 32 hexadecimal digits.
std::string digest(const XXH3_state_t& state) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
  return fmt::format("{:02x}", fmt::join(canonical.digest, ""));
}

Listed describe(const fs::path& path) {
  File file = File::open(path);
  const Listed result{file.size(), ""};
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(XXH3_createState(),
                                                                       XXH3_freeState);
  if (XXH3_128bits_reset(state.get()) != XXH_OK) {  // there is no state
    throw std::bad_alloc();
  }
  std::vector<std::byte> block(std::min<std::uint64_t>(result.size, kBlockBytes));
  for (std::uint64_t left = result.size; left > 0;) {
    const auto part = std::span(block).first(std::min<std::uint64_t>(left, block.size()));
    file.read(part);
    XXH3_128bits_update(state.get(), part.data(), part.size());
    left -= part.size();
  }
  return {result.size, digest(*state)};
}

void check_listed(const fs::path& path, const JsonObject& expected) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    fail("{}: the file is missing; hint: {} beside it lists it", path.string(), kManifestName);
  }
  const std::uint64_t size = expected.unsigned_integer("size");
  const std::string checksum = expected.string("xxh3_128");
  expected.reject_unknown();
  const Listed found = describe(path);
  if (found.size != size) {
    fail("{}: size differs; got {} bytes; expected {}; hint: the file is damaged", path.string(),
         found.size, size);
  }
  if (found.checksum != checksum) {
    fail("{}: checksum differs; got {}; expected {}; hint: the file is damaged", path.string(),
         found.checksum, checksum);
  }
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
    const Listed file = describe(writer.path() / name);
    files[name] = {{"size", file.size}, {"xxh3_128", file.checksum}};
  }
  const Json manifest = {{"format_version", kFormatVersion}, {"files", std::move(files)}};
  writer.write_file(kManifestName, to_text(manifest, kManifestName));
}

void verify_manifest(const fs::path& folder, const std::vector<std::string>& required) {
  const fs::path path = folder / kManifestName;
  const std::string text = read_file(path, kMaxManifestBytes);
  const Json json = parse_json_strict(text, path.string());
  const JsonObject manifest(json, path.string());
  manifest.integer("format_version", kFormatVersion, kFormatVersion);
  const JsonObject files = manifest.object("files");
  manifest.reject_unknown();
  // The only form in which it is written: any change to its text shows, even of white space.
  if (to_text(json, path.string()) != text) {
    fail("{}: not in the form in which it was written; hint: the file is damaged", path.string());
  }
  for (const std::string& name : files.fields()) {
    check_name(name, path.string());
    check_listed(folder / name, files.object(name));
  }
  for (const std::string& name : required) {
    if (!files.has(name)) {
      fail("{}: does not list {}; hint: the folder is incomplete", path.string(), name);
    }
  }
}

}  // namespace weft::models
