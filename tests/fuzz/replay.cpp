#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/target.hpp"

// Replaces libFuzzer: calls the target with the content of every file in a folder.
int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("expected the folder of the inputs\n", stderr);
    return 2;
  }
  std::vector<std::filesystem::path> paths;
  std::ranges::copy(std::filesystem::directory_iterator(argv[1]), std::back_inserter(paths));
  std::ranges::sort(paths);
  for (const std::filesystem::path& path : paths) {
    std::puts(path.c_str());  // after a crash, the last path printed is the culprit
    std::fflush(stdout);
    std::ifstream file(path, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(content.data()), content.size());
  }
  return paths.empty() ? 1 : 0;
}
