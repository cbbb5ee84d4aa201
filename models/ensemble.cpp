#include "models/ensemble.hpp"

#include <cmath>

#include "autograd/ops.hpp"
#include "autograd/tape.hpp"

namespace weft::models {
namespace {

/// log of the mean of probabilities whose logarithms [..., V] are given.
Tensor log_mean(const std::vector<Tensor>& log_p) {
  return logsumexp(stack(log_p, 0), 0) - std::log(static_cast<double>(log_p.size()));
}

/// How many tensors a model's state has.
std::ptrdiff_t state_size(const Seq2Seq& model) {
  const NoGradGuard guard;
  const Memory memory =
      model.encode(full({1, 1}, data::kUnk, DType::int64), full({1}, 1, DType::int64));
  return std::ssize(model.start(memory));
}

void check_same(const data::Language& a, const data::Language& b, const char* side) {
  bool same =
      a.tokenizer.config() == b.tokenizer.config() && a.vocabulary.size() == b.vocabulary.size();
  for (std::int64_t id = 0; same && id < a.vocabulary.size(); ++id) {
    same = a.vocabulary.token(id) == b.vocabulary.token(id);
  }
  if (!same) {
    fail(
        "ensemble: the models differ in their {} vocabulary or in how they cut lines; got {} and "
        "{} tokens; expected the same ones",
        side, a.vocabulary.size(), b.vocabulary.size());
  }
}

/// The model whose configuration is the ensemble's. Throws Error if there is none.
const Seq2Seq& first(const std::vector<std::unique_ptr<Seq2Seq>>& members) {
  if (members.empty()) {
    fail("ensemble: no models; expected at least one");
  }
  return *members.front();
}

}  // namespace

Ensemble::Ensemble(std::vector<std::unique_ptr<Seq2Seq>> members)
    : Seq2Seq(first(members).config()), members_(std::move(members)) {
  for (std::size_t m = 0; m < members_.size(); ++m) {
    child(fmt::format("member_{}", m), *members_[m]);
    if (members_[m]->config().target_vocab != config().target_vocab) {
      fail("ensemble: target vocabularies differ; got {} and {} tokens", config().target_vocab,
           members_[m]->config().target_vocab);
    }
    state_sizes_.push_back(state_size(*members_[m]));
  }
}

Memory Ensemble::encode(const Tensor& source, const Tensor& lengths) const {
  Memory memory;
  for (const auto& member : members_) {
    memory.members.push_back(member->encode(source, lengths));
  }
  return memory;
}

State Ensemble::start(const Memory& memory) const {
  State all;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const State own = members_[m]->start(memory.members[m]);
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

Step Ensemble::step(const Memory& memory, const State& state, const Tensor& tokens) const {
  Step all;
  std::vector<Tensor> log_p;
  std::vector<Tensor> attention;
  auto begin = state.begin();
  for (std::size_t m = 0; m < members_.size(); ++m) {
    Memory own = memory.members[m];
    own.rows = memory.rows;
    const std::ptrdiff_t size = state_sizes_[m];
    const Step next = members_[m]->step(own, State(begin, begin + size), tokens);
    begin += size;
    log_p.push_back(log_softmax(members_[m]->project(next.features), -1));
    all.state.insert(all.state.end(), next.state.begin(), next.state.end());
    if (next.attention.defined()) {
      attention.push_back(next.attention);
    }
  }
  all.features = log_mean(log_p);  // [B, V]
  all.attention = attention.empty() ? Tensor() : mean(stack(attention, 0), {0});
  return all;
}

Tensor Ensemble::teach(const Memory& memory, const Tensor& target_in) const {
  std::vector<Tensor> log_p;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const Tensor features = members_[m]->teach(memory.members[m], target_in);
    log_p.push_back(log_softmax(members_[m]->project(features), -1));
  }
  return log_mean(log_p);  // [T, B, V]
}

Translator join(std::vector<Translator> members) {
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
