#include "models/ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/ops.hpp"
#include "data/text/vocabulary.hpp"

namespace weft::models {
namespace {

/// x [..., V], padded up to `width` with columns of -inf.
Tensor widened(const Tensor& x, std::int64_t width) {
  if (x.size(-1) == width) {
    return x;
  }
  Shape shape = x.shape();
  shape.back() = width - x.size(-1);
  return cat({x, full(shape, -std::numeric_limits<double>::infinity(), x.dtype())}, -1);
}

/// The log of the mean of probabilities, given their logarithms [..., V] up to a constant per row.
Tensor log_mean(std::vector<Tensor> log_p) {
  std::int64_t width = 0;
  for (const Tensor& x : log_p) {
    width = std::max(width, x.size(-1));
  }
  for (Tensor& x : log_p) {
    x = widened(log_softmax(x, -1), width);
  }
  return logsumexp(stack(log_p, 0), 0) - std::log(static_cast<double>(log_p.size()));
}

class EnsembleSession : public Session {
 public:
  explicit EnsembleSession(std::vector<std::unique_ptr<Session>> members)
      : members_(std::move(members)), widths_(members_.size(), data::kSpecials) {}

  Prediction step(const Tensor& tokens) override {
    std::vector<Tensor> log_p;
    std::vector<Tensor> attention;
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const Prediction next = members_[m]->step(known(tokens, widths_[m]));
      log_p.push_back(next.log_p);
      widths_[m] = next.log_p.size(-1);
      if (next.attention.defined()) {
        attention.push_back(next.attention);
      }
    }
    return {log_mean(std::move(log_p)),
            attention.empty() ? Tensor() : mean(stack(attention, 0), {0})};
  }

  void select(const Tensor& rows) override {
    for (const auto& member : members_) {
      member->select(rows);
    }
  }

  void join(std::unique_ptr<Session> other) override {
    auto* const guests = dynamic_cast<EnsembleSession*>(other.get());
    if (guests == nullptr || guests->members_.size() != members_.size()) {
      fail("session: got one of another model to join; expected the same ensemble's");
    }
    for (std::size_t m = 0; m < members_.size(); ++m) {
      members_[m]->join(std::move(guests->members_[m]));
      widths_[m] = std::max(widths_[m], guests->widths_[m]);
    }
  }

 private:
  std::vector<std::unique_ptr<Session>> members_;
  std::vector<std::int64_t> widths_;  // V of each member's last prediction
};

/// The model that provides the ensemble's configuration. Throws Error if there are no models.
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
  }
}

std::unique_ptr<Session> Ensemble::open(const data::SourceBatch& batch) const {
  std::vector<std::unique_ptr<Session>> sessions;
  for (const auto& member : members_) {
    sessions.push_back(member->open(batch));
  }
  return std::make_unique<EnsembleSession>(std::move(sessions));
}

Tensor Ensemble::forward(const data::Batch& batch, TeacherForcing forcing) const {
  if (forcing.ratio != 1) {
    fail("ensemble: got a teacher forcing ratio of {}; expected 1: it is not trained",
         forcing.ratio);
  }
  const nn::Forward call(*this);
  std::vector<Tensor> log_p;
  for (const auto& member : members_) {
    log_p.push_back(member->forward(batch));
  }
  return call.output(log_mean(std::move(log_p)));  // [T, B, V]
}

}  // namespace weft::models
