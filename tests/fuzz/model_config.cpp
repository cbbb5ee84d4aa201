#include <filesystem>

#include "models/files/formats.hpp"
#include "models/translation/model_files.hpp"
#include "tests/fuzz/input_file.hpp"
#include "tests/fuzz/target.hpp"

// The config.json of a model directory.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::filesystem::path path =
      weft::fuzz::input_file(weft::models::kConfigName, weft::fuzz::text(data, size));
  return weft::fuzz::read_or_refuse([&] { weft::models::read_config(path); });
}
