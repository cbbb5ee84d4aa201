#include "models/transformer_seq2seq.hpp"

#include "autograd/storage.hpp"
#include "autograd/tape.hpp"
#include "data/text/vocabulary.hpp"
#include "models/registry.hpp"
#include "nn/init.hpp"
#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"
#include "tests/models/tiny.hpp"

namespace weft::models {
namespace {

TransformerConfig tiny_transformer() {
  return dynamic_cast<const TransformerConfig&>(*tiny_preset("vaswani2017"));
}

std::vector<std::string> parameter_names(const TransformerConfig& config) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : make_model(config)->named_parameters()) {
    names.push_back(name);
  }
  return names;
}

TEST_CASE("the parameters of a Transformer are called as in PyTorch") {
  TransformerConfig config = tiny_transformer();
  CHECK(parameter_names(config) ==
        std::vector<std::string>{"source_embedding.weight",
                                 "target_embedding.weight",
                                 "encoder.layers.0.self_attn.in_proj_weight",
                                 "encoder.layers.0.self_attn.in_proj_bias",
                                 "encoder.layers.0.self_attn.out_proj.weight",
                                 "encoder.layers.0.self_attn.out_proj.bias",
                                 "encoder.layers.0.linear1.weight",
                                 "encoder.layers.0.linear1.bias",
                                 "encoder.layers.0.linear2.weight",
                                 "encoder.layers.0.linear2.bias",
                                 "encoder.layers.0.norm1.weight",
                                 "encoder.layers.0.norm1.bias",
                                 "encoder.layers.0.norm2.weight",
                                 "encoder.layers.0.norm2.bias",
                                 "decoder.layers.0.self_attn.in_proj_weight",
                                 "decoder.layers.0.self_attn.in_proj_bias",
                                 "decoder.layers.0.self_attn.out_proj.weight",
                                 "decoder.layers.0.self_attn.out_proj.bias",
                                 "decoder.layers.0.multihead_attn.in_proj_weight",
                                 "decoder.layers.0.multihead_attn.in_proj_bias",
                                 "decoder.layers.0.multihead_attn.out_proj.weight",
                                 "decoder.layers.0.multihead_attn.out_proj.bias",
                                 "decoder.layers.0.linear1.weight",
                                 "decoder.layers.0.linear1.bias",
                                 "decoder.layers.0.linear2.weight",
                                 "decoder.layers.0.linear2.bias",
                                 "decoder.layers.0.norm1.weight",
                                 "decoder.layers.0.norm1.bias",
                                 "decoder.layers.0.norm2.weight",
                                 "decoder.layers.0.norm2.bias",
                                 "decoder.layers.0.norm3.weight",
                                 "decoder.layers.0.norm3.bias",
                                 "output.bias"});
  config.joint_vocab = true;
  config.source_vocab = config.target_vocab;
  CHECK(parameter_names(config).front() == "target_embedding.weight");
}

TEST_CASE("the base model of the paper has the parameters that it states") {
  TransformerConfig config;
  config.joint_vocab = true;
  config.source_vocab = config.target_vocab = 37'000;
  const nn::init::SkipGuard guard;
  const auto millions = static_cast<double>(make_model(config)->num_parameters()) / 1e6;
  CHECK(millions == Approx(63.1).epsilon(0.01));  // table 3: 65, rounded up from other biases
}

TEST_CASE("a model whose sizes are those of its parameters is safe to allocate") {
  int checked = 0;
  for (const Variant& variant : all_tiny_variants()) {
    if (variant.config->preset == "vaswani2017") {
      INFO(variant.name);
      check_sizes(*variant.config, make_model(*variant.config)->state(), "here");
      ++checked;
    }
  }
  CHECK(checked >= 7);
}

TEST_CASE("tokens behind the table of positions share its last row") {
  TransformerConfig config = tiny_transformer();
  config.positions = Positions::learned;
  config.max_positions = 2;
  const std::unique_ptr<Seq2Seq> model = make_model(config);
  model->eval();
  const auto logits = [&](const std::vector<std::int64_t>& source) {
    return model->forward(data::make_batch(std::vector<data::SentencePair>{{source, {5}}}, {0}))
        .detach();
  };
  const Tensor one = logits({4, 5, 6});  // eos is the fourth token
  CHECK(norm(one - logits({4, 6, 5})).item() < 1e-5);
  CHECK(norm(one - logits({5, 4, 6})).item() > 1e-3);
}

TEST_CASE("a session forgets what its rows have not seen, however many sentences pass through") {
  manual_seed(1);
  const std::unique_ptr<Seq2Seq> model = make_model(tiny_transformer());
  model->eval();
  const NoGradGuard guard;
  const data::SourceBatch source =
      data::make_source_batch(std::vector<std::vector<std::int64_t>>{{4, 5, 6}}, {0});
  const auto bos = [](std::int64_t rows) { return full({rows}, data::kBos, DType::int64); };
  const std::unique_ptr<Session> session = model->open(source);
  std::size_t early = 0;
  for (int round = 0; round < 600; ++round) {
    session->step(bos(1));
    session->join(model->open(source));
    session->step(bos(2));
    session->select(tensor<std::int64_t>({1}, {1}));  // the older one has ended
    early = round == 60 ? memory_stats().live : early;
  }
  CHECK(memory_stats().live < 2 * early);  // chunks are dropped once in a while
  const Tensor found = session->step(bos(1)).log_p;
  const std::unique_ptr<Session> alone = model->open(source);
  alone->step(bos(1));
  CHECK(identical(found, alone->step(bos(1)).log_p));
}

TEST_CASE("the attention of each layer and head is that of the steps of a search") {
  manual_seed(1);
  TransformerConfig config = tiny_transformer();
  config.layers = 2;
  const std::unique_ptr<Seq2Seq> model = make_model(config);
  model->eval();
  const std::vector<std::int64_t> source = {4, 6, 5, 7};
  const std::vector<std::int64_t> target = {5, 4, 6};
  const Tensor maps = model->head_attention(source, target);
  REQUIRE(maps.shape() == Shape{2, config.heads, 3, 4});
  CHECK(norm(sum(maps, {3}) - 1.0).item() < 1e-5);
  const NoGradGuard guard;
  const auto session = model->open(data::make_source_batch(std::span(&source, 1), {0}));
  const Tensor last = mean(narrow(maps, 0, 1, 1), {0, 1});  // [T, S]
  for (std::size_t t = 0; t < target.size(); ++t) {
    const std::int64_t token = t == 0 ? data::kBos : target[t - 1];
    const Tensor expected = session->step(tensor<std::int64_t>({token}, {1})).attention;  // [S, 1]
    CHECK(norm(reshape(expected, {4}) -
               reshape(narrow(last, 0, static_cast<std::int64_t>(t), 1), {4}))
              .item() < 1e-6);
  }
  CHECK_FALSE(model->head_attention(source, {}).defined());
  CHECK_FALSE(make_model(tiny_config("bahdanau2015"))->head_attention(source, target).defined());
}

TEST_CASE("options of a Transformer that contradict each other are refused") {
  const auto message = [](auto change) {
    TransformerConfig config = tiny_transformer();
    change(config);
    return message_of([&] { make_model(config); });
  };
  CHECK(message([](auto& c) { c.heads = 5; }) ==
        "model: heads must divide emb; got 5 heads and emb 12");
  CHECK(message([](auto& c) {
          c.positions = Positions::rotary;
          c.heads = 4;
        }) ==
        "model: rotary positions turn pairs of features; got 3 features a head; expected an even "
        "number");
  CHECK(message([](auto& c) {
          c.source_features = 3;
          c.joint_vocab = true;
        }) ==
        "model: frames have no vocabulary to share; got source_features 3 and joint_vocab; "
        "expected one of them");
  CHECK(message([](auto& c) { c.joint_vocab = true; }) ==
        "model: a joint vocabulary has one size; got 9 and 11");
}

}  // namespace
}  // namespace weft::models
