#include "models/translation/join_translators.hpp"

#include "models/ensemble.hpp"

namespace weft::models {
namespace {

void check_same(const data::Language& a, const data::Language& b, const char* side) {
  bool same =
      a.tokenizer.config() == b.tokenizer.config() && a.vocabulary.size() == b.vocabulary.size();
  for (std::int64_t id = 0; same && id < a.vocabulary.size(); ++id) {
    same = a.vocabulary.token(id) == b.vocabulary.token(id);
  }
  if (!same) {
    fail(
        "ensemble: the models differ in their {} vocabulary or tokenizer; got {} and "
        "{} tokens; expected the same ones",
        side, a.vocabulary.size(), b.vocabulary.size());
  }
}

}  // namespace

Translator join_translators(std::vector<Translator> members) {
  std::vector<std::unique_ptr<Seq2Seq>> models;
  for (Translator& member : members) {
    check_same(members.front().source, member.source, "source");
    check_same(members.front().target, member.target, "target");
    models.push_back(std::move(member.model));
  }
  Translator joined{std::move(members.front().source),
                    std::move(members.front().target),
                    std::make_unique<Ensemble>(std::move(models)),
                    {}};
  joined.model->eval();
  return joined;
}

}  // namespace weft::models
