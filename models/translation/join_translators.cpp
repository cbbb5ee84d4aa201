#include "models/translation/join_translators.hpp"

#include "models/ensemble.hpp"

namespace weft::models {
namespace {

/// A member as errors name it, and one of its languages.
struct Side {
  std::string name;
  const data::Language& language;
};

std::string describe(const data::TokenizerConfig& config) {
  return fmt::format("{} in {}{}", name(config.kind), name(config.normalize),
                     config.lowercase ? ", lower-cased" : "");
}

/// Throws Error unless both languages are one.
void check_same(const Side& a, const Side& b, const char* side) {
  const auto differ = [&](const char* what, const std::string& got) {
    fail("ensemble: {} and {} differ in their {} {}; got {}; expected the same", a.name, b.name,
         side, what, got);
  };
  const data::TokenizerConfig& config_a = a.language.tokenizer.config();
  const data::TokenizerConfig& config_b = b.language.tokenizer.config();
  const data::Vocabulary& words_a = a.language.vocabulary;
  const data::Vocabulary& words_b = b.language.vocabulary;
  if (config_a != config_b) {
    differ("tokenizer", fmt::format("{} and {}", describe(config_a), describe(config_b)));
  }
  if (words_a.size() != words_b.size()) {
    differ("vocabulary", fmt::format("{} and {} tokens", words_a.size(), words_b.size()));
  }
  for (std::int64_t id = 0; id < words_a.size(); ++id) {
    if (words_a.token(id) != words_b.token(id)) {
      differ("vocabulary",
             fmt::format("'{}' and '{}' as token {}", words_a.token(id), words_b.token(id), id));
    }
  }
}

}  // namespace

Translator join_translators(std::vector<Translator> members,
                            const std::vector<std::string>& names) {
  const auto name_of = [&names](std::size_t i) {
    return i < names.size() ? names[i] : fmt::format("model {}", i + 1);
  };
  std::vector<std::unique_ptr<Seq2Seq>> models;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Translator& first = members.front();
    check_same({name_of(0), first.source}, {name_of(i), members[i].source}, "source");
    check_same({name_of(0), first.target}, {name_of(i), members[i].target}, "target");
    models.push_back(std::move(members[i].model));
  }
  Translator joined{std::move(members.front().source),
                    std::move(members.front().target),
                    std::make_unique<Ensemble>(std::move(models)),
                    {}};
  joined.model->eval();
  return joined;
}

}  // namespace weft::models
