#include <filesystem>

#include "models/files/file.hpp"
#include "models/translation/model_files.hpp"
#include "models/translation/translator.hpp"
#include "nn/safetensors.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/options.hpp"
#include "tools/measure/cost.hpp"
#include "tools/measure/machine.hpp"
#include "tools/terminal/output.hpp"
#include "tools/terminal/progress.hpp"

// `weft info`: shows the content of a model directory or a safetensors file, and the cost of a
// training step.
namespace weft::tools {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;

std::string count(std::int64_t number) { return format_count(static_cast<double>(number)); }

std::int64_t bytes_of(const Tensor& tensor) {
  return tensor.numel() * static_cast<std::int64_t>(size_of(tensor.dtype()));
}

void tensor_line(Output& output, const std::string& name, const Tensor& tensor) {
  output.line(fmt::format(
      "  {:<40} {:<8} {:<20} {:>14}", models::printable(name), weft::name(tensor.dtype()),
      fmt::format("{}", fmt::join(tensor.shape(), " x ")), count(tensor.numel())));
}

void print_file(const std::filesystem::path& path, Output& output) {
  const nn::Safetensors file = nn::read_safetensors(path);
  std::int64_t elements = 0;
  std::int64_t bytes = 0;
  output.line(path.string());
  for (const auto& [name, tensor] : file.tensors) {
    tensor_line(output, name, tensor);
    elements += tensor.numel();
    bytes += bytes_of(tensor);
  }
  for (const auto& [key, value] : file.metadata) {
    output.line(fmt::format("  metadata {}: {}", models::printable(key), models::printable(value)));
  }
  output.line(fmt::format("{} tensors, {} elements, {:.2f} MiB", file.tensors.size(),
                          count(elements), static_cast<double>(bytes) / kMiB));
}

void print_object(const std::string& title, const models::Json& json, Output& output) {
  output.line(title);
  for (const auto& [key, value] : json.items()) {
    output.line(fmt::format(
        "  {:<20} {}", models::printable(key),
        models::printable(value.is_string() ? value.get<std::string>() : value.dump())));
  }
}

void print_sizes(const std::filesystem::path& directory, Output& output) {
  output.line("files");
  for (const std::string& name : models::list_folder(directory)) {
    std::error_code ignored;
    const auto bytes =
        static_cast<std::int64_t>(std::filesystem::file_size(directory / name, ignored));
    output.line(fmt::format("  {:<40} {:>14} bytes", models::printable(name), count(bytes)));
  }
}

void print_step(const models::ModelConfig& config, Output& output) {
  output.flush();
  const StepCost cost = measure_step(config);
  output.line(fmt::format("one training step on {} random sentences of {} tokens", kCostSentences,
                          kCostTokens));
  output.line(fmt::format("  {:<40} {:>14.1f} ms", "loss and gradients", cost.milliseconds));
  output.line(fmt::format("  {:<40} {:>14.1f} MiB", "tensors at the peak, with Adam's moments",
                          cost.bytes / kMiB));
}

void print_model(const std::filesystem::path& path, Output& output) {
  const models::Translator translator = models::Translator::load(path);
  const models::Json config = models::config_json(translator);
  const std::filesystem::path directory = models::model_directory(path);
  output.line(directory.string());
  for (const char* part : {"model", "tokenizer", "training"}) {
    print_object(part, config.at(part), output);
  }
  output.verbatim(nn::to_string(*translator.model, "parameters"));
  print_sizes(directory, output);
  print_step(translator.model->config(), output);
}

}  // namespace

int info(const Arguments& arguments) {
  std::vector<std::string> paths;
  CommonFlags flags;
  Options options("info",
                  "Shows a model and the cost of a training step, or the tensors in a file.");
  options.positional("PATH", paths, "run directory, model directory or .safetensors file");
  options.add(flags);
  options.parse(arguments);
  if (paths.size() != 1) {
    misuse("info: got {} paths; expected one directory or one .safetensors file", paths.size());
  }
  use_threads(flags.threads);
  Output output;
  std::error_code ignored;
  if (std::filesystem::is_regular_file(paths.front(), ignored)) {
    print_file(paths.front(), output);
  } else {
    print_model(paths.front(), output);
  }
  output.close();
  return 0;
}

}  // namespace weft::tools
