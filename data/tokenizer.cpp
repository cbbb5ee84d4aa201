#include "data/tokenizer.hpp"

#include <algorithm>
#include <array>

#include "autograd/error.hpp"
#include "data/suggest.hpp"

namespace weft::data {
namespace {

constexpr std::array<std::string_view, 1> kKindNames = {"word"};
constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";

}  // namespace

std::string_view name(TokenizerKind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

TokenizerKind tokenizer_named(std::string_view name) {
  return static_cast<TokenizerKind>(choose("tokenizer", name, kKindNames));
}

// Lower-casing can undo a normal form (J and a caron have no common character, j and a caron do),
// so the form is made again after it.
std::string Tokenizer::prepare(std::string_view line) const {
  std::string text = normalize(line, config_.normalize);
  return config_.lowercase ? normalize(lowercase(text), config_.normalize) : text;
}

std::vector<std::string> Tokenizer::tokenize(std::string_view line) const {
  const std::string text = prepare(line);
  std::vector<std::string> tokens;
  std::size_t begin = text.find_first_not_of(kWhiteSpace);
  while (begin != std::string::npos) {
    const std::size_t end = std::min(text.find_first_of(kWhiteSpace, begin), text.size());
    tokens.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kWhiteSpace, end);
  }
  return tokens;
}

std::string Tokenizer::detokenize(const std::vector<std::string>& tokens) const {
  return fmt::format("{}", fmt::join(tokens, " "));
}

}  // namespace weft::data
