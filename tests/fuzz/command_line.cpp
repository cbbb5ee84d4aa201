#include <string>
#include <vector>

#include "tests/fuzz/target.hpp"
#include "tools/flags/search.hpp"
#include "tools/flags/train.hpp"

namespace weft::tools {
namespace {

using Arguments = std::vector<std::string>;

/// Splits the input into arguments, each ended by a NUL byte or a space.
Arguments split(std::string_view text) {
  constexpr std::string_view kEnds("\0 ", 2);
  Arguments arguments;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(kEnds), text.size());
    arguments.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return arguments;
}

void read_train(const Arguments& arguments) {
  TrainFlags flags;
  Options options("train", "Trains.");
  declare(options, flags, arguments);
  options.parse(arguments);
  settle(options, flags);
}

void read_search(const Arguments& arguments) {
  struct Flags : CommonFlags {
    models::DecodeOptions search;
  };
  Flags flags;
  Options options("translate", "Translates.");
  options.add(flags.search);
  options.add(static_cast<CommonFlags&>(flags));
  options.parse(arguments);
  check_search(options, flags.search);
}

}  // namespace
}  // namespace weft::tools

// The flags of `weft train` and of a search. Only parses them.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto arguments = weft::tools::split(weft::fuzz::text(data, size));
  for (const auto read : {weft::tools::read_train, weft::tools::read_search}) {
    weft::fuzz::read_or_refuse([&] {
      try {
        read(arguments);
      } catch (const weft::tools::HelpRequest&) {  // --help
      }
    });
  }
  return 0;
}
