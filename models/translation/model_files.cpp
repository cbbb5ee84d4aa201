#include "models/translation/model_files.hpp"

#include "models/files/formats.hpp"
#include "models/files/settings_json.hpp"
#include "models/registry.hpp"
#include "models/training/checkpoint.hpp"
#include "models/translation/translator.hpp"

namespace weft::models {
namespace {

void save_language(const DirectoryWriter& writer, const std::string& stem,
                   const data::Language& language) {
  const data::Subwords& subwords = language.tokenizer.subwords();
  const std::string file = stem + (subwords.defined() ? kSubwordsSuffix : kVocabSuffix);
  const std::string path = writer.path() / file;
  if (subwords.defined()) {
    subwords.save(path, writer.name(file));
  } else {
    language.vocabulary.save(path, writer.name(file));
  }
}

}  // namespace

SavedConfig read_config(const std::filesystem::path& path) {
  const Json content = read_current(path, VersionedFile::config);
  const JsonObject json(content, path.string());
  json.has("format");  // already read by read_current
  SavedConfig config{model_config_from(json.object("model")), {}, {}};
  read_settings(json.object("tokenizer"), data::Settings(config.tokenizer));
  json.object("training");
  config.training = content.at("training");
  json.reject_unknown();
  return config;
}

data::Language load_language(const Manifest& directory, const std::string& name,
                             const data::TokenizerConfig& config) {
  if (config.kind != data::TokenizerKind::subword) {
    return {data::Tokenizer(config), data::Vocabulary::load(directory.file(name + kVocabSuffix))};
  }
  data::Subwords subwords = data::Subwords::load(directory.file(name + kSubwordsSuffix));
  data::Vocabulary vocabulary = data::Vocabulary::of(subwords.pieces());
  return {data::Tokenizer(config, std::move(subwords)), std::move(vocabulary)};
}

Json config_json(const Translator& translator) {
  return {{"format", current_format(VersionedFile::config)},
          {"model", to_json(translator.model->config().settings())},
          {"tokenizer", to_json(data::SettingsView(translator.source.tokenizer.config()))},
          {"training", translator.training}};
}

void write_translator(DirectoryWriter& writer, const Translator& translator) {
  writer.write_file(kConfigName, to_text(config_json(translator), kConfigName));
  save_language(writer, kSourceName, translator.source);
  save_language(writer, kTargetName, translator.target);
}

void save_model(const std::filesystem::path& directory, const Translator& translator) {
  save_model(directory, SavedModel{*translator.model, [&translator](DirectoryWriter& writer) {
                                     write_translator(writer, translator);
                                   }});
}

}  // namespace weft::models
