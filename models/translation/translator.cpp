#include "models/translation/translator.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "models/files/atomic_directory.hpp"
#include "models/files/manifest.hpp"
#include "models/files/safetensors.hpp"
#include "models/files/settings_json.hpp"
#include "models/registry.hpp"
#include "models/translation/model_files.hpp"
#include "nn/init.hpp"

namespace weft::models {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr int kLoadAttempts = 10;

/// Tells a folder from another one that takes its name: a training may publish a new model while
/// the old one is being read.
using FolderIdentity = std::pair<dev_t, ino_t>;

FolderIdentity identity(const std::filesystem::path& folder) {
  struct stat status {};
  return ::stat(folder.c_str(), &status) == 0 ? FolderIdentity{status.st_dev, status.st_ino}
                                              : FolderIdentity{};
}

/// The language whose vocabulary, or model of subwords, stands in the file of that name.
data::Language load_language(const std::filesystem::path& stem,
                             const data::TokenizerConfig& config) {
  if (config.kind != data::TokenizerKind::subword) {
    return {data::Tokenizer(config), data::Vocabulary::load(stem.string() + kVocabSuffix)};
  }
  data::Subwords subwords = data::Subwords::load(stem.string() + kSubwordsSuffix);
  data::Vocabulary vocabulary = data::Vocabulary::of(subwords.pieces());
  return {data::Tokenizer(config, std::move(subwords)), std::move(vocabulary)};
}

}  // namespace

void save_language(const std::filesystem::path& stem, const data::Language& language) {
  if (language.tokenizer.subwords().defined()) {
    language.tokenizer.subwords().save(stem.string() + kSubwordsSuffix);
  } else {
    language.vocabulary.save(stem.string() + kVocabSuffix);
  }
}

Json config_json(const Translator& translator) {
  return {{"format", kFormat},
          {"model", to_json(translator.model->config().settings())},
          {"tokenizer", to_json(data::SettingsView(translator.source.tokenizer.config()))},
          {"training", translator.training}};
}

Translator Translator::make(const ModelConfig& config, data::Language source, data::Language target,
                            Json training) {
  const std::unique_ptr<ModelConfig> sized = config.clone();
  sized->source_vocab = source.vocabulary.size();
  sized->target_vocab = target.vocabulary.size();
  return {std::move(source), std::move(target), make_model(*sized), std::move(training)};
}

std::filesystem::path model_directory(const std::filesystem::path& path) {
  std::error_code ignored;
  for (const std::filesystem::path& candidate : {path / "best", path / "last", path}) {
    std::filesystem::path published = published_directory(candidate);
    if (std::filesystem::is_regular_file(published / kConfigName, ignored)) {
      return published;
    }
  }
  fail("{}: no model; expected a run directory with best/ or last/, or a model directory with {}",
       path.string(), kConfigName);
}

Translator Translator::load(const std::filesystem::path& path) {
  for (int attempt = 1;; ++attempt) {
    const std::filesystem::path directory = model_directory(path);
    const FolderIdentity before = identity(directory);
    try {
      Translator translator = load_directory(directory);
      if (identity(directory) == before || attempt == kLoadAttempts) {
        return translator;
      }
    } catch (const Error&) {
      if (identity(directory) == before || attempt == kLoadAttempts) {
        throw;
      }
    }
  }
}

Translator Translator::load_directory(const std::filesystem::path& directory) {
  verify_manifest(directory, {kConfigName, kModelName});
  const std::filesystem::path config_path = directory / kConfigName;
  const Json json = read_json_strict(config_path);
  const JsonObject config(json, config_path.string());
  config.integer("format", kFormat, kFormat);
  const std::unique_ptr<ModelConfig> model_config = model_config_from(config.object("model"));
  data::TokenizerConfig tokenizer;
  read_settings(config.object("tokenizer"), data::Settings(tokenizer));
  Translator translator{load_language(directory / kSourceName, tokenizer),
                        load_language(directory / kTargetName, tokenizer),
                        nullptr,
                        {}};
  config.object("training");
  translator.training = json.at("training");
  config.reject_unknown();
  const std::int64_t source_vocab = translator.source.vocabulary.size();
  const std::int64_t target_vocab = translator.target.vocabulary.size();
  if (source_vocab != model_config->source_vocab || target_vocab != model_config->target_vocab) {
    fail("{}: vocabularies do not fit the model; got {} and {} tokens; expected {} and {}",
         directory.string(), source_vocab, target_vocab, model_config->source_vocab,
         model_config->target_vocab);
  }
  const Safetensors file = read_safetensors(directory / kModelName);
  check_sizes(*model_config, file.tensors, (directory / kModelName).string());
  {
    const nn::init::SkipGuard skip;  // the values are in the file
    translator.model = make_model(*model_config);
  }
  load_state(*translator.model, file, directory / kModelName);
  translator.model->eval();
  return translator;
}

}  // namespace weft::models
