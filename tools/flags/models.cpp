#include "tools/flags/models.hpp"

#include <filesystem>
#include <vector>

#include "models/translation/join_translators.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {
namespace {

std::vector<std::string> split(const std::string& names) {
  std::error_code ignored;
  if (std::filesystem::exists(names, ignored)) {
    return {names};  // a directory may have a comma in its name
  }
  std::vector<std::string> all;
  std::size_t begin = 0;
  for (std::size_t comma = 0; comma != std::string::npos; begin = comma + 1) {
    comma = names.find(',', begin);
    all.push_back(names.substr(begin, comma - begin));
    if (all.back().empty()) {
      misuse("--model: got an empty name in '{}'; expected one model, or some separated by commas",
             names);
    }
  }
  return all;
}

}  // namespace

models::Translator load_translator(const std::string& names, const LineFlags& lines) {
  const std::vector<std::string> directories = split(names);
  std::vector<models::Translator> members;
  for (const std::string& name : directories) {
    members.push_back(models::Translator::load(name));
  }
  models::Translator translator = members.size() == 1
                                      ? std::move(members.front())
                                      : models::join_translators(std::move(members), directories);
  translator.max_source_length = lines.max_source_length;
  return translator;
}

std::vector<std::string> model_warnings(const std::string& names) {
  std::vector<std::string> warnings;
  for (const std::string& name : split(names)) {
    const std::filesystem::path used = models::model_directory(name);
    if (used == std::filesystem::path(name) / "last") {
      warnings.push_back(
          fmt::format("weft: warning: {}: no best/ in this run; its last/ is used instead", name));
    }
  }
  return warnings;
}

}  // namespace weft::tools
