#include "models/translation/translator.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "models/files/atomic_directory.hpp"
#include "models/files/formats.hpp"
#include "models/files/manifest.hpp"
#include "models/registry.hpp"
#include "models/training/checkpoint.hpp"
#include "models/translation/model_files.hpp"
#include "nn/init.hpp"
#include "nn/safetensors.hpp"

namespace weft::models {
namespace {

constexpr int kLoadAttempts = 10;

/// Distinguishes a folder from another one that has since taken its name: a training may publish a
/// new model while the old one is being read.
using FolderIdentity = std::pair<dev_t, ino_t>;

FolderIdentity identity(const std::filesystem::path& folder) {
  struct stat status {};
  return ::stat(folder.c_str(), &status) == 0 ? FolderIdentity{status.st_dev, status.st_ino}
                                              : FolderIdentity{};
}

}  // namespace

Translator Translator::make(const ModelConfig& config, data::Language source, data::Language target,
                            Json training) {
  const std::unique_ptr<ModelConfig> sized = config.clone();
  sized->source_vocab = source.vocabulary.size();
  sized->target_vocab = target.vocabulary.size();
  return {std::move(source), std::move(target), make_model(*sized), std::move(training)};
}

std::filesystem::path model_directory(const std::filesystem::path& path) {
  for (const std::filesystem::path& candidate : {path / "best", path / "last", path}) {
    std::filesystem::path published = published_directory(candidate);
    std::error_code problem;
    if (std::filesystem::is_regular_file(published / kConfigName, problem)) {
      return published;
    }
    if (problem == std::errc::permission_denied) {
      fail("{}: cannot read the file; got: {}", (published / kConfigName).string(),
           problem.message());
    }
    if (std::error_code ignored; candidate != path && std::filesystem::exists(published, ignored)) {
      fail("{}: no regular file; expected the configuration of a model; hint: the run is damaged",
           (published / kConfigName).string());
    }
  }
  fail(
      "{}: not a model; expected a run directory with best/ or last/, or a model directory with {}",
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
  const Manifest files(directory);
  SavedConfig config = read_config(files.file(kConfigName));
  Translator translator{load_language(files, kSourceName, config.tokenizer),
                        load_language(files, kTargetName, config.tokenizer), nullptr,
                        std::move(config.training)};
  const std::int64_t source_vocab = translator.source.vocabulary.size();
  const std::int64_t target_vocab = translator.target.vocabulary.size();
  if (source_vocab != config.model->source_vocab || target_vocab != config.model->target_vocab) {
    fail("{}: vocabularies do not fit the model; got {} and {} tokens; expected {} and {}",
         directory.string(), source_vocab, target_vocab, config.model->source_vocab,
         config.model->target_vocab);
  }
  const std::filesystem::path parameters = files.file(kModelName);
  const nn::Safetensors file = nn::read_safetensors(parameters);
  check_sizes(*config.model, file.tensors, parameters.string());
  {
    const nn::init::SkipGuard skip;  // the values are loaded from the file
    translator.model = make_model(*config.model);
  }
  load_state(*translator.model, file, parameters);
  translator.model->eval();
  return translator;
}

}  // namespace weft::models
