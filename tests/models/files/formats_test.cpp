#include "models/files/formats.hpp"

#include <fstream>

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/message_of.hpp"

namespace weft::models {
namespace {

// Reads a file with this text, converted to the current version.
Json read(const std::string& text, VersionedFile file) {
  const data::TemporaryFolder folder;
  const std::string path = folder.path("file.json");
  std::ofstream(path) << text;
  return read_current(path, file);
}

std::string message(const std::string& text, VersionedFile file) {
  return message_of([&] { read(text, file); });
}

TEST_CASE("a file of the first version becomes one of the current version") {
  const Json now = {{"format", 2}, {"best_score", 3.5}, {"data_checksum", "x"}, {"step", 7}};
  CHECK(read(R"({"best_bleu": 3.5, "corpus": "x", "step": 7})", VersionedFile::trainer) == now);
  CHECK(read(R"({"format": 1, "best_bleu": 3.5, "corpus": "x", "step": 7})",
             VersionedFile::trainer) == now);
  CHECK(read(now.dump(), VersionedFile::trainer) == now);
}

TEST_CASE("a migration leaves what it does not know to the reader") {
  CHECK(read(R"({"step": 1, "pace": 2})", VersionedFile::trainer) ==
        Json({{"format", 2}, {"step", 1}, {"pace", 2}}));
  CHECK(read(R"({"corpus": 5, "data_checksum": "x"})", VersionedFile::trainer) ==
        Json({{"format", 2}, {"corpus", 5}, {"data_checksum", "x"}}));
  // Names of version 1 have no meaning in version 2.
  CHECK(read(R"({"format": 2, "corpus": "x"})", VersionedFile::trainer) ==
        Json({{"format", 2}, {"corpus", "x"}}));
}

TEST_CASE("a version that this program does not know is an error that says so") {
  CHECK(contains(message(R"({"format": 3})", VersionedFile::trainer),
                 "file.json: field 'format': written by a newer version of weft; got 3; expected "
                 "at most 2; hint: "));
  CHECK(contains(message(R"({"format": 2})", VersionedFile::config),
                 "file.json: field 'format': written by a newer version of weft; got 2; expected "
                 "at most 1; hint: "));
  for (const char* version : {"0", "-1", "1.5", "\"1\"", "null", "18446744073709551617"}) {
    INFO(version);
    const std::string text = fmt::format(R"({{"format": {}}})", version);
    CHECK(contains(message(text, VersionedFile::config), "file.json: field 'format': wrong type"));
    CHECK(contains(message(text, VersionedFile::trainer), "file.json: field 'format': wrong type"));
  }
  CHECK(contains(message("{}", VersionedFile::config), "file.json: field 'format': missing"));
  CHECK(contains(message("[]", VersionedFile::trainer), "file.json: wrong type; got []"));
}

}  // namespace
}  // namespace weft::models
