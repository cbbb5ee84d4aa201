#include "data/language.hpp"

namespace weft::data {
namespace {

/// The prepared lines of the requested sides.
std::vector<std::string> lines_of(std::span<const TextPair> pairs, const TokenizerConfig& config,
                                  bool source, bool target) {
  const Tokenizer words({TokenizerKind::word, config.lowercase, config.normalize});
  std::vector<std::string> lines;
  for (const TextPair& pair : pairs) {
    if (source) {
      lines.push_back(words.prepare(pair.source));
    }
    if (target) {
      lines.push_back(words.prepare(pair.target));
    }
  }
  return lines;
}

}  // namespace

std::vector<std::int64_t> Language::encode(std::string_view line) const {
  return vocabulary.encode(tokenizer.tokenize(line));
}

std::string Language::decode(std::span<const std::int64_t> ids) const {
  return tokenizer.detokenize(vocabulary.decode(ids));
}

std::pair<Tokenizer, Tokenizer> make_tokenizers(std::span<const TextPair> pairs,
                                                const LanguageConfig& config,
                                                const std::string& where) {
  if (config.tokenizer.kind != TokenizerKind::subword) {
    return {Tokenizer(config.tokenizer), Tokenizer(config.tokenizer)};
  }
  const auto learn = [&](bool source, bool target, const char* sides) {
    return Tokenizer(config.tokenizer,
                     Subwords::train(lines_of(pairs, config.tokenizer, source, target),
                                     {config.subwords, config.vocab_size}, where + sides));
  };
  if (config.joint) {
    const Tokenizer both = learn(true, true, "");
    return {both, both};
  }
  return {learn(true, false, ", source side"), learn(false, true, ", target side")};
}

std::pair<Language, Language> make_languages(std::pair<Tokenizer, Tokenizer> tokenizers,
                                             std::span<const TokenPair> pairs,
                                             const LanguageConfig& config) {
  auto [source, target] = std::move(tokenizers);
  if (config.tokenizer.kind == TokenizerKind::subword) {
    Vocabulary of_source = Vocabulary::of(source.subwords().pieces());
    Vocabulary of_target = Vocabulary::of(target.subwords().pieces());
    return {{std::move(source), std::move(of_source)}, {std::move(target), std::move(of_target)}};
  }
  auto [source_counts, target_counts] = count_tokens(pairs);
  if (config.joint) {
    for (const auto& [token, count] : target_counts) {
      source_counts[token] += count;
    }
    target_counts = source_counts;
  }
  return {
      {std::move(source), Vocabulary::build(source_counts, config.min_freq, config.vocab_size)},
      {std::move(target), Vocabulary::build(target_counts, config.min_freq, config.vocab_size)}};
}

}  // namespace weft::data
