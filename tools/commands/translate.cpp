#include <unistd.h>

#include <algorithm>
#include <istream>
#include <optional>

#include "autograd/printable.hpp"
#include "data/text/line_reader.hpp"
#include "models/not_finite.hpp"
#include "models/translation/translator.hpp"
#include "tools/commands/commands.hpp"
#include "tools/commands/prompt_commands.hpp"
#include "tools/flags/models.hpp"
#include "tools/flags/options.hpp"
#include "tools/flags/search.hpp"
#include "tools/measure/machine.hpp"
#include "tools/pictures/attention_pictures.hpp"
#include "tools/terminal/line_editor.hpp"
#include "tools/terminal/output.hpp"
#include "tools/terminal/progress.hpp"
#include "tools/terminal/standard_error.hpp"
#include "tools/terminal/standard_input.hpp"

// `weft translate`: reads lines from a file, a pipe or a prompt and writes their translations, in
// order.
namespace weft::tools {
namespace {

/// The number of batches to read ahead, so that sentences of similar length can be translated
/// together.
constexpr std::int64_t kBatchesAhead = 16;

/// The number of lines that are reported as too long.
constexpr std::int64_t kMostWarnings = 5;

struct TranslateFlags {
  std::string model = data::option(&model, "model", "",
                                   "run directory (uses its best/) or model directory; several "
                                   "with the same vocabularies form an ensemble",
                                   {.placeholder = "DIR[,DIR...]"});
  std::string input = data::option(&input, "input", "", "file to translate, instead of stdin",
                                   {.placeholder = "FILE"});
  std::string output = data::option(&output, "output", "", "file to write, instead of stdout",
                                    {.placeholder = "FILE"});
  std::int64_t batch =
      data::option(&batch, "batch", 64, {1, 65536}, "sentences decoded at once by each thread");
  LineFlags lines;
  models::DecodeOptions search;
  std::int64_t nbest =
      data::option(&nbest, "nbest", 1, {1, 1000},
                   "print the N best translations of each line, as line number TAB score TAB text");
  std::string prefix = data::option(&prefix, "prefix", "",
                                    "forced beginning of each translation, one line per input line",
                                    {.placeholder = "FILE"});
  bool copy_unknown =
      data::option(&copy_unknown, "copy-unknown", false,
                   "replace <unk> with the source word with the highest attention weight",
                   {.group = "Output and program"});
  std::string attention = data::option(
      &attention, "attention", "", "draw attention weights: below each translation, or into a file",
      {.placeholder = "term|FILE.svg|FILE.html"});
  std::string attention_head = data::option(
      &attention_head, "attention-head", "mean",
      "which attention to draw of a model with several: the mean over the heads of the last layer, "
      "one head of one layer, or all on one page",
      {.placeholder = "mean|LAYER.HEAD|all"});
  bool tokens = data::option(&tokens, "tokens", false,
                             "print tokens separated by spaces, instead of text", {.toggle = true});
  CommonFlags program;
};

/// The lines to translate: from a file, from standard input as they arrive, or typed at a prompt.
class Input {
 public:
  Input(const std::string& path, bool quiet) : file_(!path.empty()) {
    if (file_) {
      reader_.emplace(path, data::EmptyFile::allow);
    } else if (!quiet && isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1) {
      prompt_.emplace();
    } else {
      reader_.emplace(stream_, "<stdin>");
    }
  }

  bool next(std::string& line) { return prompt_ ? prompt_->next(line) : reader_->next(line); }
  /// Whether a line, or the end of input, can be read without waiting.
  bool ready() { return file_ || (!prompt_ && buffer_.line_ready()); }
  bool is_prompt() const { return prompt_.has_value(); }

 private:
  bool file_;
  StandardInput buffer_;
  std::istream stream_{&buffer_};
  std::optional<data::LineReader> reader_;
  std::optional<LineEditor> prompt_;
};

/// The forced beginnings of the translations: one line for each line of input.
class Prefixes {
 public:
  explicit Prefixes(const std::string& path) {
    if (!path.empty()) {
      reader_.emplace(path, data::EmptyFile::allow);
    }
  }

  /// Returns the next line; empty without a file. Throws Error at the end of the file.
  std::string next() {
    std::string line;
    if (reader_ && !reader_->next(line)) {
      fail("{}: has fewer lines than the input; got {}; expected one for each line of input",
           reader_->name(), reader_->line_number());
    }
    return line;
  }
  /// Throws Error unless the file is at its end.
  void end() {
    std::string line;
    if (reader_ && reader_->next(line)) {
      fail("{}: has more lines than the input; the first unpaired line is {}", reader_->name(),
           reader_->line_number());
    }
  }

 private:
  std::optional<data::LineReader> reader_;
};

class Translation {
 public:
  Translation(const models::Translator& translator, const TranslateFlags& flags,
              const models::DecodeOptions& search)
      : translator_(translator),
        flags_(flags),
        search_(search),
        prefixes_(flags.prefix),
        output_(flags.output),
        pictures_(translator, flags.attention, flags.attention_head),
        commands_(translator, search, flags.copy_unknown) {}

  /// Translates all lines, each as soon as no further line is waiting. If a line cannot be read,
  /// the lines before it are translated before the error is reported.
  void run(Input& input) {
    do {
      if (!lines_.empty() && (!input.ready() || full())) {
        translate();
      }
    } while (read(input));
    translate();
    warn_of_cuts();
    prefixes_.end();
    output_.close();
    pictures_.close();
  }

 private:
  /// Adds the next line, or executes a command typed at the prompt. Returns false at the end of
  /// input.
  bool read(Input& input) {
    models::SourceLine line;
    try {
      if (!input.next(line.text)) {
        return false;
      }
      if (input.is_prompt() && PromptCommands::is_command(line.text)) {
        return obey(line.text);
      }
      line.prefix = prefixes_.next();
    } catch (const Error&) {
      translate();
      throw;
    }
    line.number = ++read_;
    lines_.push_back(std::move(line));
    return true;
  }

  /// Executes a command typed at the prompt. Returns false if the command is to quit. Errors are
  /// only reported.
  bool obey(const std::string& command) {
    try {
      return commands_.run(command, output_);
    } catch (const Error& error) {
      write_stderr(fmt::format("{}\n", escaped(error.what())));
      return true;
    }
  }

  bool full() const { return std::ssize(lines_) >= kBatchesAhead * flags_.batch; }

  std::vector<std::vector<models::Translation>> translations() const {
    try {
      return translator_.translate_lines(lines_, flags_.batch, search_, flags_.copy_unknown);
    } catch (const models::NotFinitePrediction& error) {
      fail("{}: line {}: {}", flags_.model,
           lines_[static_cast<std::size_t>(error.sentence())].number, error.what());
    }
  }

  void translate() {
    const auto results = translations();
    for (std::size_t i = 0; i < results.size(); ++i) {
      for (const models::Translation& translation : results[i]) {
        output_.line(written(translation, lines_[i].number));
      }
      pictures_.add(results[i].front(), lines_[i], output_);
      warn_of_length(results[i].front(), lines_[i].number);
    }
    output_.flush();
    if (!lines_.empty()) {
      commands_.about(lines_.back());
    }
    lines_.clear();
  }

  /// Warns of a line that was cut; beyond the first few, lines are only counted.
  void warn_of_length(const models::Translation& translation, std::uint64_t line) {
    const std::int64_t read = std::ssize(translation.source);
    if (translation.unread > 0 && ++cut_ <= kMostWarnings) {
      warn(
          fmt::format("line {} has {} tokens, of which the first {} are translated; hint: "
                      "--max-source-length",
                      line, format_count(static_cast<double>(read + translation.unread)),
                      format_count(static_cast<double>(read))));
    }
  }

  void warn_of_cuts() const {
    if (const std::int64_t more = cut_ - kMostWarnings; more > 0) {
      warn(fmt::format("{} more line{} cut as well", format_count(static_cast<double>(more)),
                       more == 1 ? " is" : "s are"));
    }
  }

  void warn(const std::string& text) const {
    Progress(flags_.program.quiet).message("weft: warning: " + text);
  }

  std::string written(const models::Translation& translation, std::uint64_t number) const {
    std::string text =
        flags_.tokens ? fmt::format("{}", fmt::join(translation.target, " ")) : translation.text;
    if (!search_.scores) {
      return text;
    }
    std::ranges::replace(text, '\t', ' ');  // TAB separates the columns of the list
    return fmt::format("{}\t{:.4f}\t{}", number, translation.score, text);
  }

  const models::Translator& translator_;
  const TranslateFlags& flags_;
  const models::DecodeOptions& search_;
  Prefixes prefixes_;
  Output output_;
  AttentionPictures pictures_;
  PromptCommands commands_;
  std::vector<models::SourceLine> lines_;  // not yet translated
  std::uint64_t read_ = 0;                 // number of lines so far
  std::int64_t cut_ = 0;                   // number of lines too long
};

/// The search options given by the flags.
models::DecodeOptions search_of(const Options& options, const TranslateFlags& flags) {
  models::DecodeOptions search = flags.search;
  search.nbest = flags.nbest;
  search.scores = options.given("nbest");
  search.attention = !flags.attention.empty();
  check_search(options, search);
  return search;
}

}  // namespace

int translate(const Arguments& arguments) {
  TranslateFlags flags;
  Options options("translate", "Translates text: one line in, one line out, in order.");
  options.add(flags);
  options.parse(arguments);
  options.require("model");
  const models::DecodeOptions search = search_of(options, flags);
  use_threads(flags.program.threads);
  AttentionPictures::check(flags.attention, flags.attention_head);
  const std::string source = flags.input.empty() ? "/dev/stdin" : flags.input;
  for (const std::string& output : {flags.output, flags.attention}) {
    for (const std::string& input : {source, flags.prefix, flags.program.config}) {
      refuse_same_file("translate", input, output);
    }
    refuse_model_file("translate", output);
  }
  if (!flags.output.empty() && flags.output == flags.attention) {
    misuse("translate: --output and --attention are the same file; expected two");
  }
  Input input(flags.input, flags.program.quiet);
  const models::Translator translator = load_translator(flags.model, flags.lines);
  for (const std::string& warning : model_warnings(flags.model)) {
    Progress(flags.program.quiet).message(warning);
  }
  Translation(translator, flags, search).run(input);
  return 0;
}

}  // namespace weft::tools
