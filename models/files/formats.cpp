#include "models/files/formats.hpp"

#include <span>
#include <string>

#include "autograd/error.hpp"

// The history of the file formats. To change the fields of a file, describe the new version here,
// append a step that converts the previous version, and keep a model of the old version in
// tests/fixtures/models. A new field that has a default needs no new version.
//
//     config.json   1  format, model, tokenizer, training (the flags)
//     trainer.json  1  no field "format"
//                   2  has the field; `best_bleu` is now `best_score` and `corpus` `data_checksum`,
//                      since a task need not be about text
namespace weft::models {
namespace {

constexpr const char* kField = "format";
constexpr std::int64_t kNewest = 1'000'000;  // no file has such a version

/// Converts a file of version v to version v + 1. Missing or wrong fields stay as they are, for the
/// reader of the current version to report.
using Migration = void (*)(Json& json);

void rename(Json& json, const char* from, const char* to) {
  if (json.contains(from) && !json.contains(to)) {
    json[to] = json[from];
    json.erase(from);
  }
}

void free_trainer_of_text(Json& json) {
  rename(json, "best_bleu", "best_score");
  rename(json, "corpus", "data_checksum");
}

constexpr Migration kTrainerSteps[] = {free_trainer_of_text};

/// Starting with version 1: the step at i converts version i + 1 to i + 2.
std::span<const Migration> steps_of(VersionedFile file) {
  switch (file) {
    case VersionedFile::trainer:
      return kTrainerSteps;
    default:
      return {};
  }
}

bool may_lack_version(VersionedFile file) { return file == VersionedFile::trainer; }

std::int64_t version_of(const Json& json, const std::string& where, VersionedFile file) {
  const JsonObject object(json, where);
  if (may_lack_version(file) && !object.has(kField)) {
    return 1;
  }
  const std::int64_t version = object.integer(kField, 1, kNewest);
  if (version > current_format(file)) {
    fail(
        "{}: field '{}': written by a newer version of weft; got {}; expected at most {}; hint: "
        "update weft",
        where, kField, version, current_format(file));
  }
  return version;
}

}  // namespace

std::int64_t current_format(VersionedFile file) {
  return 1 + static_cast<std::int64_t>(steps_of(file).size());
}

Json read_current(const std::filesystem::path& path, VersionedFile file) {
  Json json = read_json_strict(path);
  const auto done = static_cast<std::size_t>(version_of(json, path.string(), file) - 1);
  for (const Migration step : steps_of(file).subspan(done)) {
    step(json);
  }
  json[kField] = current_format(file);
  return json;
}

}  // namespace weft::models
