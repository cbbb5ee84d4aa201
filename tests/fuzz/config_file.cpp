#include "tests/fuzz/input_file.hpp"
#include "tests/fuzz/target.hpp"
#include "tools/flags/train.hpp"

// The file given by `weft train --config FILE.toml`.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weft::tools;
  const std::string path = weft::fuzz::input_file("run.toml", weft::fuzz::text(data, size));
  const std::vector<std::string> arguments = {"--config", path, "--out", "run"};
  return weft::fuzz::read_or_refuse([&] {
    TrainFlags flags;
    Options options("train", "Trains.");
    declare(options, flags, arguments);
    options.parse(arguments);
    settle(options, flags);
  });
}
