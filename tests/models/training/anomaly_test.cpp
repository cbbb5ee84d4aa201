#include "autograd/anomaly.hpp"

#include <limits>

#include "models/rnn_seq2seq.hpp"
#include "models/search/decode.hpp"
#include "tests/catch.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {
namespace {

TEST_CASE("a sound model trains and translates in anomaly mode, masks of -inf and all") {
  const AnomalyGuard guard;
  for (const auto& [name, config, tied] : all_tiny_variants()) {
    INFO(name);
    const auto model = make_model(*config);
    CHECK_NOTHROW(model->loss(tiny_batch()).backward());
    CHECK_NOTHROW(model->loss(tiny_batch(), {.ratio = 0.5}).backward());
    CHECK_NOTHROW(greedy(*model, {tiny_batch().source, tiny_batch().source_lengths}));
  }
}

TEST_CASE("a NaN in a model is named with its module and time step") {
  const AnomalyGuard guard;
  RnnSeq2Seq model(tiny_config("bahdanau2015"));
  model.decoder[0]->weight_hh.mutable_data<float>()[0] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH(model.loss(tiny_batch()),
                    Catch::Matchers::StartsWith("linear in decoder_l0, time step 0: was given a "
                                                "NaN or infinity that no op made here"));
}

}  // namespace
}  // namespace weft::models
