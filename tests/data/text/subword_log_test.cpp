#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "autograd/error.hpp"
#include "data/text/subwords.hpp"
#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"

namespace weft::data {
namespace {

/// Standard error, in a file while this lives.
class Stderr {
 public:
  explicit Stderr(const std::string& path)
      : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)), kept_(dup(2)) {
    dup2(file_, 2);
  }
  Stderr(const Stderr&) = delete;
  Stderr& operator=(const Stderr&) = delete;
  ~Stderr() {
    dup2(kept_, 2);
    close(kept_);
    close(file_);
  }

 private:
  int file_;
  int kept_;
};

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A field of a message (Protocol Buffers' wire format) of less than 128 bytes.
std::string field(char number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

// A model may bring samples of what it should make of a text; SentencePiece logs those that it does
// not, as they stand. Field 4 { 1 { 1: a text, 2: its pieces } }.
TEST_CASE("subwords: a model's text does not reach the terminal by SentencePiece's log") {
  const TemporaryFolder folder;
  const std::string path = folder.path("m.spm");
  Subwords::train(std::vector<std::string>{"the cats sleep"}, {}).save(path);
  std::ofstream(path, std::ios::binary | std::ios::app)
      << field(4, field(1, field(1, "cats") + field(2, "\x1B[2J")));
  {
    const Stderr log(folder.path("log"));
    CHECK_THROWS_AS(Subwords::load(path), Error);
  }
  CHECK(bytes_of(folder.path("log")).empty());
}

}  // namespace
}  // namespace weft::data
