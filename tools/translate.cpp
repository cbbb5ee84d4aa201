#include <unistd.h>

#include <istream>
#include <optional>

#include "data/text_file.hpp"
#include "models/translator.hpp"
#include "tools/commands.hpp"
#include "tools/machine.hpp"
#include "tools/options.hpp"
#include "tools/output.hpp"
#include "tools/search_flags.hpp"
#include "tools/standard_input.hpp"

namespace weft::tools {
namespace {

/// Lines read ahead, in batches: sentences of similar length are translated together.
constexpr std::int64_t kBatchesAhead = 16;

struct TranslateFlags {
  std::string model;
  std::string input;
  std::string output;
  std::int64_t batch = 64;
  models::DecodeOptions search;
  std::int64_t threads = 0;
  bool quiet = false;
};

void declare(Options& options, TranslateFlags& flags) {
  options.text("model", flags.model, "DIR", "a run directory (its best/) or a model directory");
  options.text("input", flags.input, "FILE", "lines to translate, instead of stdin");
  options.text("output", flags.output, "FILE", "where translations go, instead of stdout");
  options.integer("batch", flags.batch, 1, 65536, "sentences translated at once");
  declare_search(options, flags.search);
  options.common(flags.threads, flags.quiet);
}

/// The lines to translate: a file's, or standard input's as they come.
class Input {
 public:
  explicit Input(const std::string& path) {
    if (path.empty()) {
      reader_.emplace(stream_, "<stdin>");
    } else {
      reader_.emplace(path, data::EmptyFile::allow);
      file_ = true;
    }
  }

  bool next(std::string& line) { return reader_->next(line); }
  /// Whether a line, or the end, can be read without waiting for somebody to send it.
  bool ready() { return file_ || buffer_.line_ready(); }
  bool is_terminal() const { return !file_ && isatty(STDIN_FILENO) == 1; }

 private:
  StandardInput buffer_;
  std::istream stream_{&buffer_};
  std::optional<data::LineReader> reader_;
  bool file_ = false;
};

class Translation {
 public:
  Translation(const models::Translator& translator, const TranslateFlags& flags)
      : translator_(translator), flags_(flags), output_(flags.output) {}

  /// Translates all lines, each as soon as no other one is waiting. Those before one that cannot
  /// be read are translated before the error is told.
  void run(Input& input) {
    const bool prompt = input.is_terminal() && !flags_.quiet;
    std::vector<std::string> lines;
    do {
      if (!lines.empty() && (!input.ready() || full(lines))) {
        translate(lines);
      }
      if (prompt && lines.empty()) {
        fmt::print(stderr, "> ");
      }
    } while (read(input, lines));
    translate(lines);
    output_.close();
  }

 private:
  /// Adds the next line; false if there is none.
  bool read(Input& input, std::vector<std::string>& lines) {
    std::string line;
    try {
      if (!input.next(line)) {
        return false;
      }
    } catch (const Error&) {
      translate(lines);
      throw;
    }
    lines.push_back(std::move(line));
    return true;
  }

  bool full(const std::vector<std::string>& lines) const {
    return std::ssize(lines) >= kBatchesAhead * flags_.batch;
  }

  void translate(std::vector<std::string>& lines) {
    for (const std::string& translation :
         translator_.translate(lines, flags_.batch, flags_.search)) {
      output_.line(translation);
    }
    output_.flush();
    lines.clear();
  }

  const models::Translator& translator_;
  const TranslateFlags& flags_;
  Output output_;
};

}  // namespace

int translate(const Arguments& arguments) {
  TranslateFlags flags;
  Options options("translate", "Translates text: one line in, one line out, in order.");
  declare(options, flags);
  options.parse(arguments);
  options.require("model");
  use_threads(flags.threads);
  refuse_same_file("translate", flags.input, flags.output);
  Input input(flags.input);
  const models::Translator translator = models::Translator::load(flags.model);
  Translation(translator, flags).run(input);
  return 0;
}

}  // namespace weft::tools
