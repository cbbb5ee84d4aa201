#include "models/files/manifest.hpp"

#include <fstream>

#include "models/files/json.hpp"
#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/message_of.hpp"

namespace weft::models {
namespace {

namespace fs = std::filesystem;
using data::TemporaryFolder;

// Publishes `best` with two files and a manifest.
fs::path publish(const TemporaryFolder& folder) {
  DirectoryWriter writer(folder.path("best"));
  writer.write_file("config.json", "{}\n");
  writer.write_file("model.safetensors", std::string(100, 'x'));
  write_manifest(writer);
  writer.commit();
  return folder.path("best");
}

const std::vector<std::string> kFiles = {"config.json", "model.safetensors"};

// What reading these files says.
std::string reading(const fs::path& best, const std::vector<std::string>& names = kFiles) {
  return message_of([&] {
    const Manifest manifest(best);
    for (const std::string& name : names) {
      const fs::path path = manifest.file(name);
      CHECK(path == best / name);
    }
  });
}

void overwrite(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

TEST_CASE("manifest: sizes and checksums of all files are written") {
  const TemporaryFolder folder;
  const fs::path best = publish(folder);
  // The checksums come from single calls of XXH3_128bits.
  REQUIRE(read_file(best / kManifestName, 10000) == R"({
  "files": {
    "config.json": {
      "size": 3,
      "xxh3_128": "7809095c382d5f77daa13e4f205dc5ba"
    },
    "model.safetensors": {
      "size": 100,
      "xxh3_128": "add9998d55ed3962e18dc405a95cc094"
    }
  },
  "format_version": 1
}
)");
  REQUIRE(reading(best) == "no error");
}

TEST_CASE("manifest: large files are read in blocks") {
  const TemporaryFolder folder;
  DirectoryWriter writer(folder.path("best"));
  writer.write_file("large", std::string((std::size_t{5} << 19U) + 1, 'y'));
  writer.write_file("empty", "");
  write_manifest(writer);
  writer.commit();
  REQUIRE(reading(folder.path("best"), {"large", "empty"}) == "no error");
  REQUIRE(contains(read_file(folder.path("best/manifest.json"), 10000),
                   "dbb4338afba7d53d40a8febd1fa731ca"));
}

TEST_CASE("manifest: a missing, longer or changed file is named") {
  const TemporaryFolder folder;
  const fs::path best = publish(folder);
  const fs::path model = best / "model.safetensors";
  overwrite(model, std::string(99, 'x') + 'y');
  const std::string changed = reading(best);
  REQUIRE(contains(changed, model.string() + ": checksum differs; got "));
  REQUIRE(
      contains(changed, "; expected add9998d55ed3962e18dc405a95cc094; hint: the file is damaged"));
  overwrite(model, std::string(101, 'x'));
  REQUIRE(reading(best) == model.string() +
                               ": size differs; got 101 bytes; expected 100; hint: the file "
                               "is damaged");
  fs::remove(model);
  REQUIRE(reading(best) ==
          model.string() + ": the file is missing; hint: it is listed in manifest.json");
  fs::remove(best / kManifestName);
  REQUIRE(reading(best) == (best / kManifestName).string() +
                               ": cannot open the file; got: No such file or directory");
}

TEST_CASE("manifest: every cut and every changed bit of every file is found") {
  const TemporaryFolder folder;
  const fs::path best = publish(folder);
  for (const std::string& name : list_folder(best)) {
    const std::string whole = read_file(best / name, 10000);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      INFO(name << ", byte " << i);
      overwrite(best / name, whole.substr(0, i));
      REQUIRE(reading(best) != "no error");
      for (int bit = 0; bit < 8; ++bit) {
        std::string changed = whole;
        changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
        overwrite(best / name, changed);
        REQUIRE(reading(best) != "no error");
      }
    }
    overwrite(best / name, whole);
  }
  REQUIRE(reading(best) == "no error");
}

TEST_CASE("manifest: what it does not list is not read") {
  const TemporaryFolder folder;
  const fs::path best = publish(folder);
  overwrite(best / "notes.txt", "mine");
  REQUIRE(reading(best) == "no error");
  for (const std::string name : {"notes.txt", "none", "", "../best/config.json", "manifest.json"}) {
    REQUIRE(reading(best, {name}) == (best / kManifestName).string() + ": does not list " + name +
                                         "; hint: the folder is incomplete");
  }
}

TEST_CASE("manifest: its own content is checked") {
  const TemporaryFolder folder;
  const fs::path best = publish(folder);
  const std::string where = (best / kManifestName).string();
  const auto message = [&](const std::string& files, int version) {
    overwrite(where, to_text({{"format_version", version}, {"files", Json::parse(files)}}, "x"));
    return reading(best);
  };
  REQUIRE(contains(message("{}", 1), "does not list config.json"));
  REQUIRE(message("{}", 2) == where +
                                  ": field 'format_version': wrong type or range; got 2; expected "
                                  "an integer in [1, 1]");
  REQUIRE(message(R"({"../x": {}})", 1) ==
          where + ": lists '../x'; expected the name of a file in this folder");
  REQUIRE(contains(message(R"({"config.json": {"size": -3}})", 1),
                   where + ": field 'files.config.json.size': wrong type or range; got -3"));
  overwrite(where, R"({"files": {}, "format_version": 1})");
  REQUIRE(contains(reading(best), "not in canonical form"));
}

}  // namespace
}  // namespace weft::models
