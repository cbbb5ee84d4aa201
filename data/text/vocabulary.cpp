#include "data/text/vocabulary.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "autograd/error.hpp"
#include "autograd/printable.hpp"
#include "data/text/line_reader.hpp"

namespace weft::data {
namespace {

constexpr std::array<std::string_view, kSpecials> kSpecialTokens = {"<pad>", "<bos>", "<eos>",
                                                                    "<unk>"};

bool is_special(std::string_view token) {
  return std::find(kSpecialTokens.begin(), kSpecialTokens.end(), token) != kSpecialTokens.end();
}

using CountedToken = std::pair<std::string_view, std::int64_t>;

/// By falling count, equals by their bytes (std::string_view compares as unsigned char).
bool comes_before(const CountedToken& a, const CountedToken& b) {
  return a.second != b.second ? a.second > b.second : a.first < b.first;
}

}  // namespace

void count_tokens(std::span<const std::string> tokens, TokenCounts& counts) {
  for (const std::string& token : tokens) {
    ++counts[token];
  }
}

Vocabulary::Vocabulary() : tokens_(kSpecialTokens.begin(), kSpecialTokens.end()) {}

void Vocabulary::add(const std::string& token, std::string_view where) {
  if (token.empty() || token.find_first_of("\r\n") != std::string::npos) {
    fail("{}: a token is {}; expected one token a line", where,
         token.empty() ? "empty" : "broken by a line end");
  }
  if (is_special(token) || !ids_.emplace(token, size()).second) {
    fail("{}: a token stands twice; got {}", where, printable(token));
  }
  tokens_.push_back(token);
}

Vocabulary Vocabulary::build(const TokenCounts& counts, std::int64_t min_freq,
                             std::int64_t max_size) {
  if (min_freq < 1) {
    fail("vocabulary: min-freq is too small; got {}; expected at least 1", min_freq);
  }
  if (max_size != 0 && max_size <= kSpecials) {
    fail("vocabulary: the size leaves no room for words; got {}; expected more than {}", max_size,
         kSpecials);
  }
  std::vector<CountedToken> kept;
  for (const auto& [token, count] : counts) {
    if (count >= min_freq && !is_special(token)) {
      kept.emplace_back(token, count);
    }
  }
  std::sort(kept.begin(), kept.end(), comes_before);
  if (max_size != 0) {
    kept.resize(std::min(kept.size(), static_cast<std::size_t>(max_size - kSpecials)));
  }
  Vocabulary vocabulary;
  for (const CountedToken& entry : kept) {
    vocabulary.add(std::string(entry.first), "vocabulary");
  }
  return vocabulary;
}

Vocabulary Vocabulary::of(std::span<const std::string> tokens) {
  if (std::ssize(tokens) < kSpecials ||
      !std::equal(kSpecialTokens.begin(), kSpecialTokens.end(), tokens.begin())) {
    fail("vocabulary: the special tokens are missing; expected {}",
         fmt::join(kSpecialTokens, ", "));
  }
  Vocabulary vocabulary;
  for (const std::string& token : tokens.subspan(kSpecials)) {
    vocabulary.add(token, "vocabulary");
  }
  return vocabulary;
}

Vocabulary Vocabulary::load(const std::string& path) {
  LineReader reader(path);
  std::string line;
  for (const std::string_view special : kSpecialTokens) {
    if (!reader.next(line) || line != special) {
      fail("{}: a special token is missing; got {}; expected {}", reader.where(), printable(line),
           special);
    }
  }
  Vocabulary vocabulary;
  while (reader.next(line)) {
    vocabulary.add(line, reader.where());
  }
  return vocabulary;
}

void Vocabulary::save(const std::string& path, const std::string& name) const {
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  for (const std::string& token : tokens_) {
    file << token << '\n';
  }
  file.close();
  if (!file) {
    fail("{}: cannot write the vocabulary; got: {}", name.empty() ? path : name,
         std::generic_category().message(errno));
  }
}

std::int64_t Vocabulary::id(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? kUnk : found->second;
}

const std::string& Vocabulary::token(std::int64_t id) const {
  if (id < 0 || id >= size()) {
    fail("vocabulary: no such id; got {}; expected 0 <= id < {}", id, size());
  }
  return tokens_[static_cast<std::size_t>(id)];
}

std::vector<std::int64_t> Vocabulary::encode(std::span<const std::string> tokens) const {
  std::vector<std::int64_t> ids;
  ids.reserve(tokens.size());
  for (const std::string& token : tokens) {
    ids.push_back(id(token));
  }
  return ids;
}

std::vector<std::string> Vocabulary::decode(std::span<const std::int64_t> ids) const {
  std::vector<std::string> tokens;
  for (const std::int64_t id : ids) {
    if (id == kEos) {
      break;
    }
    if (id != kPad && id != kBos) {
      tokens.push_back(token(id));
    }
  }
  return tokens;
}

}  // namespace weft::data
