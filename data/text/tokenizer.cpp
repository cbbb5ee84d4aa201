#include "data/text/tokenizer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "autograd/error.hpp"

namespace weft::data {
namespace {

constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";
/// The tokens of white space among characters, in the order of kWhiteSpace.
constexpr std::array<std::string_view, kWhiteSpace.size()> kSpaceTokens = {
    "<space>", "<tab>", "<line-feed>", "<vertical-tab>", "<form-feed>", "<carriage-return>"};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> tokens;
  std::size_t begin = text.find_first_not_of(kWhiteSpace);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(kWhiteSpace, begin), text.size());
    tokens.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kWhiteSpace, end);
  }
  return tokens;
}

/// White space is cut off first: a combining mark after a space would make one cluster with it.
std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> tokens;
  if (text.find_first_not_of(kWhiteSpace) == std::string_view::npos) {
    return tokens;
  }
  while (!text.empty()) {
    const std::size_t space = std::min(text.find_first_of(kWhiteSpace), text.size());
    for (const std::string_view cluster : graphemes(text.substr(0, space))) {
      tokens.emplace_back(cluster);
    }
    if (space == text.size()) {
      break;
    }
    tokens.emplace_back(kSpaceTokens[kWhiteSpace.find(text[space])]);
    text.remove_prefix(space + 1);
  }
  return tokens;
}

/// What a token of characters stands for.
std::string_view character(std::string_view token) {
  const auto space = std::find(kSpaceTokens.begin(), kSpaceTokens.end(), token);
  return space == kSpaceTokens.end()
             ? token
             : kWhiteSpace.substr(static_cast<std::size_t>(space - kSpaceTokens.begin()), 1);
}

std::string join_characters(const std::vector<std::string>& tokens) {
  std::string line;
  for (const std::string& token : tokens) {
    line += character(token);
  }
  return line;
}

}  // namespace

Tokenizer::Tokenizer(TokenizerConfig config, Subwords subwords)
    : config_(config), subwords_(std::move(subwords)) {
  if ((config_.kind == TokenizerKind::subword) != subwords_.defined()) {
    fail("tokenizer: subwords and their model go together; got kind {} and {} model",
         name(config_.kind), subwords_.defined() ? "a" : "no");
  }
}

// Lower-casing can undo a normal form (J and a caron have no common character, j and a caron do),
// so the form is made again after it.
std::string Tokenizer::prepare(std::string_view line) const {
  std::string text = normalize(line, config_.normalize);
  return config_.lowercase ? normalize(lowercase(text), config_.normalize) : text;
}

std::vector<std::string> Tokenizer::tokenize(std::string_view line) const {
  const std::string text = prepare(line);
  switch (config_.kind) {
    case TokenizerKind::character:
      return characters(text);
    case TokenizerKind::subword:
      return subwords_.encode(text);
    default:
      return words(text);
  }
}

std::string_view Tokenizer::text_of(std::string_view token) const {
  return config_.kind == TokenizerKind::character ? character(token) : token;
}

std::string Tokenizer::detokenize(const std::vector<std::string>& tokens) const {
  switch (config_.kind) {
    case TokenizerKind::character:
      return join_characters(tokens);
    case TokenizerKind::subword:
      return subwords_.decode(tokens);
    default:
      return fmt::format("{}", fmt::join(tokens, " "));
  }
}

}  // namespace weft::data
