#include "data/line_rules.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "autograd/characters.hpp"
#include "data/text/line.hpp"

namespace weft::data {
namespace {

constexpr float kImpossible = -std::numeric_limits<float>::infinity();
constexpr std::size_t kMostBegun = LineRules::kReach;  // bytes of an incomplete character

/// Whether bytes are no part of a character that a line may contain, the beginning of one, or all
/// of it.
enum class Part { nothing, beginning, all };

/// Tries both extremes for the missing bytes: every valid first byte can be followed by 80 or BF.
Part part_of_character(const std::string& bytes) {
  for (const char next : {'\x80', '\xBF'}) {
    const std::string tried = bytes + std::string(kMostBegun, next);
    const Character character = first_character(tried);
    if (character.well_formed() && character.bytes.size() > bytes.size()) {
      return Part::beginning;
    }
    if (character.well_formed() && character.bytes.size() == bytes.size()) {
      return is_control(character.code) ? Part::nothing : Part::all;
    }
  }
  return Part::nothing;
}

/// Whether the text of a token may appear in a line. Only character tokenizers have a token for
/// TAB.
bool fits(const Tokenizer& tokenizer, const std::string& token) {
  const std::string_view text = tokenizer.text_of(token);
  const bool tabs = tokenizer.config().kind == TokenizerKind::character;
  return !has_control(text) && (tabs || text.find('\t') == std::string_view::npos);
}

}  // namespace

LineRules::LineRules(const Language& language) {
  const auto& [tokenizer, vocabulary] = language;
  for (std::int64_t id = 0; id < vocabulary.size(); ++id) {
    if (!fits(tokenizer, vocabulary.token(id))) {
      never_.push_back(id);
    }
  }
  if (tokenizer.subwords().defined()) {
    bytes_ = tokenizer.subwords().byte_ids();
  }
  for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
    if (part_of_character({static_cast<char>(byte)}) == Part::nothing) {
      never_.push_back(bytes_[byte]);
    }
  }
}

void LineRules::exclude(std::span<float> log_p, std::span<const std::int64_t> tokens) const {
  const std::string begun = this->begun(tokens);
  if (begun.empty()) {
    for (const std::int64_t id : never_) {
      log_p[static_cast<std::size_t>(id)] = kImpossible;
    }
    return;
  }
  std::vector<std::pair<std::size_t, float>> possible;
  for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
    if (part_of_character(begun + static_cast<char>(byte)) != Part::nothing) {
      const auto id = static_cast<std::size_t>(bytes_[byte]);
      possible.emplace_back(id, log_p[id]);
    }
  }
  std::ranges::fill(log_p, kImpossible);
  for (const auto& [id, value] : possible) {
    log_p[id] = value;
  }
}

/// The trailing bytes of the tokens that begin a character without completing it.
std::string LineRules::begun(std::span<const std::int64_t> tokens) const {
  std::string bytes;
  for (std::size_t i = tokens.size(); i > 0 && bytes.size() < kMostBegun; --i) {
    const auto byte = std::ranges::find(bytes_, tokens[i - 1]);
    if (byte == bytes_.end()) {
      break;
    }
    bytes.insert(bytes.begin(), static_cast<char>(byte - bytes_.begin()));
  }
  while (!bytes.empty() && part_of_character(bytes) != Part::beginning) {
    bytes.erase(0, 1);
  }
  return bytes;
}

}  // namespace weft::data
