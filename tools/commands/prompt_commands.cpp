#include "tools/commands/prompt_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace weft::tools {
namespace {

constexpr std::int64_t kCandidates = 5;
constexpr std::int64_t kMaxCandidates = 1000;

constexpr std::string_view kHelp =
    "Type a sentence to translate it, or a command about the last one:\n"
    "  :candidates [N]  its N best translations with scores (default 5)\n"
    "  :attention       the attention weights of its translation\n"
    "  :help            this help\n"
    "  :quit            quit, as Ctrl-D does\n"
    "A line that starts with a space is always a sentence. Arrow keys and Ctrl-R recall earlier "
    "lines.";

std::int64_t parse_count(const std::string& text) {
  if (text.empty()) {
    return kCandidates;
  }
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{} || stop != end || count < 1 || count > kMaxCandidates) {
    fail(":candidates: not a number of them; got {}; expected 1 to {}", text, kMaxCandidates);
  }
  return count;
}

}  // namespace

PromptCommands::PromptCommands(const models::Translator& translator,
                               const models::DecodeOptions& search, bool copy_unknown)
    : translator_(translator), search_(search), copy_unknown_(copy_unknown) {}

bool PromptCommands::run(const std::string& command, Output& output) {
  const std::size_t space = std::min(command.find(' '), command.size());
  const std::string name = command.substr(0, space);
  const std::size_t begin = std::min(command.find_first_not_of(' ', space), command.size());
  const std::string rest = command.substr(begin, command.find_last_not_of(' ') + 1 - begin);
  if (name == ":candidates") {
    candidates(rest, output);
  } else if (!rest.empty()) {
    fail("{}: takes no argument; got {}", name, rest);
  } else if (name == ":attention") {
    attention(output);
  } else if (name == ":help") {
    output.verbatim(kHelp);
  } else if (name != ":quit") {
    fail("{}: no such command; expected :candidates, :attention, :help or :quit", name);
  }
  output.flush();
  return name != ":quit";
}

void PromptCommands::candidates(const std::string& count, Output& output) {
  models::DecodeOptions search = search_;
  search.temperature = 0;  // candidates are searched for, never sampled
  search.nbest = parse_count(count);
  search.beam = std::max(search.beam, search.nbest);
  search.scores = true;
  const auto results = translator_.translate_lines({line()}, 1, search, copy_unknown_);
  for (const models::Translation& translation : results.front()) {
    output.line(fmt::format("{:9.4f}  {}", translation.score, translation.text));
  }
}

void PromptCommands::attention(Output& output) {
  models::DecodeOptions search = search_;
  search.attention = true;
  const auto results = translator_.translate_lines({line()}, 1, search, copy_unknown_);
  if (!pictures_) {
    pictures_.emplace(translator_, "term");
  }
  pictures_->add(results.front().front(), line(), output);
}

const models::SourceLine& PromptCommands::line() const {
  if (!line_) {
    fail("prompt: no sentence yet; type one first");
  }
  return *line_;
}

}  // namespace weft::tools
