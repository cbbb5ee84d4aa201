#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weft::data {

/// `<pad>`: fills a batch up; it and the next three are the ids every vocabulary begins with.
inline constexpr std::int64_t kPad = 0;
/// `<bos>`: what the decoder reads first.
inline constexpr std::int64_t kBos = 1;
/// `<eos>`: the last token that the decoder predicts.
inline constexpr std::int64_t kEos = 2;
/// `<unk>`: every token without an id of its own.
inline constexpr std::int64_t kUnk = 3;
/// How many of these ids there are: the id of the first ordinary word.
inline constexpr std::int64_t kSpecials = 4;

/// How often each token was seen.
using TokenCounts = std::unordered_map<std::string, std::int64_t>;

/// Adds the tokens of one sentence to the counts.
void count_tokens(std::span<const std::string> tokens, TokenCounts& counts);

/// Numbers for tokens, and back: `<pad> <bos> <eos> <unk>`, then words. The text `<eos>` in a
/// corpus is not the special token: like every token that has no id, it becomes kUnk.
class Vocabulary {
 public:
  /// The special tokens alone.
  Vocabulary();

  /// Every token seen at least `min_freq` times, by falling count, equals by their bytes. With
  /// `max_size` > 0 the vocabulary, special tokens included, is cut to that many.
  /// Throws Error unless min_freq >= 1 and max_size is 0 or above kSpecials.
  static Vocabulary build(const TokenCounts& counts, std::int64_t min_freq,
                          std::int64_t max_size = 0);

  /// Tokens in the order of their ids, the special ones first. Throws Error unless those are there,
  /// or if a token is empty, broken by a line end, or stands twice.
  static Vocabulary of(std::span<const std::string> tokens);

  /// Reads what `save` wrote: one token a line in the order of ids. Throws Error naming file and
  /// line if a token is empty, stands twice, or the special tokens do not come first.
  static Vocabulary load(const std::string& path);
  /// Writes the vocabulary; throws Error if the file cannot be written in full. Error messages call
  /// it `name`, or use its path if `name` is empty.
  void save(const std::string& path, const std::string& name = {}) const;

  /// Number of tokens, special ones included.
  std::int64_t size() const { return static_cast<std::int64_t>(tokens_.size()); }
  /// The id of a token; kUnk if it has none.
  std::int64_t id(std::string_view token) const;
  /// The token of an id; throws Error unless 0 <= id < size().
  const std::string& token(std::int64_t id) const;

  /// The ids of a sentence's tokens, with neither `<bos>` nor `<eos>` added.
  std::vector<std::int64_t> encode(std::span<const std::string> tokens) const;
  /// The tokens of ids up to the first `<eos>`, leaving out `<pad>` and `<bos>`.
  std::vector<std::string> decode(std::span<const std::int64_t> ids) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  void add(const std::string& token, std::string_view where);

  std::vector<std::string> tokens_;
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> ids_;  // without specials
};

}  // namespace weft::data
