#include "models/seq2seq.hpp"

#include "autograd/ops.hpp"
#include "data/text/vocabulary.hpp"

namespace weft::models {

Tensor Seq2Seq::forward(const data::Batch& batch, TeacherForcing forcing) const {
  const nn::Forward call(*this);
  const std::unique_ptr<Session> session =
      open({.source = batch.source, .source_lengths = batch.source_lengths});
  Feeder feeder(batch.target_in, forcing);
  std::vector<Tensor> all;
  for (std::size_t t = 0; t < feeder.steps(); ++t) {
    const PathScope at(static_cast<std::int64_t>(t));
    const Tensor tokens = feeder.next(all.empty() ? Tensor() : all.back());
    all.push_back(session->step(tokens).log_p);  // [B, V]
  }
  return call.output(stack(all));  // [T, B, V]
}

Tensor Seq2Seq::loss(const data::Batch& batch, TeacherForcing forcing, Reduction reduction,
                     double label_smoothing) const {
  const Tensor log_p = forward(batch, forcing);  // [T, B, V]
  return cross_entropy(reshape(log_p, {-1, log_p.size(-1)}), reshape(batch.target_out, {-1}),
                       data::kPad, reduction, label_smoothing);
}

Tensor Seq2Seq::head_attention(const std::vector<std::int64_t>& /*source*/,
                               const std::vector<std::int64_t>& /*target*/) const {
  return {};
}

}  // namespace weft::models
