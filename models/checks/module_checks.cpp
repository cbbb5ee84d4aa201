#include "models/checks/module_checks.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "autograd/engine.hpp"
#include "autograd/gradcheck/gradcheck.hpp"
#include "autograd/ops.hpp"
#include "autograd/suggest.hpp"
#include "autograd/tape.hpp"
#include "data/text/vocabulary.hpp"
#include "models/registry.hpp"
#include "nn/attention.hpp"
#include "nn/dropout.hpp"
#include "nn/embedding.hpp"
#include "nn/gru.hpp"
#include "nn/layer_norm.hpp"
#include "nn/linear.hpp"
#include "nn/loss.hpp"
#include "nn/lstm.hpp"
#include "nn/mask.hpp"
#include "nn/rnn.hpp"
#include "nn/transformer.hpp"

namespace weft::models {
namespace {

constexpr double kLossTolerance = 1e-7;
constexpr double kSecondLossTolerance = 1e-6;

/// Random lengths [B] in [1, T]; the first one is T.
Tensor random_lengths(Sampler& s, std::int64_t T, std::int64_t B) {
  Tensor lengths = s.ids({B}, T);
  for (std::int64_t& length : lengths.mutable_data<std::int64_t>()) {
    ++length;
  }
  lengths.mutable_data<std::int64_t>()[0] = T;
  return lengths;
}

/// A sample of call(module, inputs) with respect to the inputs and the module's parameters. The
/// module holds the parameters itself; as inputs, they tell the check what to vary.
template <class M, class F>
Sample with_parameters(std::shared_ptr<M> module, std::vector<Tensor> inputs, F call) {
  module->to(DType::float64);
  const std::vector<Tensor> parameters = module->parameters();
  inputs.insert(inputs.end(), parameters.begin(), parameters.end());
  return {inputs, [module, call](const std::vector<Tensor>& x) { return call(*module, x); }};
}

Sample linear_sample(Sampler& s) {
  const std::int64_t in = s.size();
  return with_parameters(std::make_shared<nn::Linear>(in, s.size(), s.coin()),
                         {s.normal({s.size(), s.size(), in})},
                         [](const nn::Linear& m, const auto& x) { return m.forward(x[0]); });
}

Sample embedding_sample(Sampler& s) {
  const std::int64_t rows = s.size(2, 5);
  const Tensor ids = s.ids({s.size(), s.size()}, rows);
  const auto padding_idx = s.coin() ? std::optional<std::int64_t>(0) : std::nullopt;
  return with_parameters(std::make_shared<nn::Embedding>(rows, s.size(), padding_idx), {},
                         [ids](const nn::Embedding& m, const auto&) { return m.forward(ids); });
}

Sample dropout_sample(Sampler& s) {
  const auto module = std::make_shared<nn::Dropout>(s.coin() ? 0.5 : 0);
  return {{s.normal(s.shape())}, [module](const auto& x) {
            manual_seed(1);  // the same mask at every call
            return module->forward(x[0]) + 0.0;
          }};
}

/// One step of any cell.
template <class Cell, class... Options>
Sample cell_sample(Sampler& s, std::ptrdiff_t states, Options... options) {
  const std::int64_t B = s.size();
  const std::int64_t in = s.size();
  const std::int64_t H = s.size(1, 3);
  std::vector<Tensor> inputs = {s.normal({B, in})};
  for (std::ptrdiff_t i = 0; i < states; ++i) {
    inputs.push_back(s.normal({B, H}));
  }
  return with_parameters(std::make_shared<Cell>(in, H, options...), inputs,
                         [states](const nn::RecurrentCell& m, const auto& x) {
                           const nn::RecurrentState state(x.begin() + 1, x.begin() + 1 + states);
                           return m.step(m.input_product(x[0]), state);
                         });
}

Sample gru_cell_sample(Sampler& s) { return cell_sample<nn::GRUCell>(s, 1); }
Sample lstm_cell_sample(Sampler& s) { return cell_sample<nn::LSTMCell>(s, 2); }
Sample rnn_cell_sample(Sampler& s) {
  return cell_sample<nn::RNNCell>(s, 1, s.coin() ? nn::Nonlinearity::tanh : nn::Nonlinearity::relu);
}

/// A whole network of any cell, with lengths.
template <class Network, class... Options>
Sample network_sample(Sampler& s, std::ptrdiff_t states, Options... options) {
  const std::int64_t T = s.size(1, 3);
  const std::int64_t B = s.size(1, 3);
  const std::int64_t in = s.size(1, 2);
  const std::int64_t H = s.size(1, 2);
  const std::int64_t layers = s.size(1, 2);
  const bool bidirectional = s.coin();
  const Tensor lengths = random_lengths(s, T, B);
  std::vector<Tensor> inputs = {s.normal({T, B, in})};
  for (std::ptrdiff_t i = 0; i < states; ++i) {
    inputs.push_back(s.normal({layers * (bidirectional ? 2 : 1), B, H}));
  }
  return with_parameters(std::make_shared<Network>(in, H, layers, bidirectional, 0, options...),
                         inputs, [lengths, states](const nn::RecurrentNetwork& m, const auto& x) {
                           const nn::RecurrentState initial(x.begin() + 1, x.begin() + 1 + states);
                           nn::RecurrentOutput out = m.run(x[0], lengths, initial);
                           out.final.push_back(out.output);
                           return out.final;
                         });
}

Sample gru_sample(Sampler& s) { return network_sample<nn::GRU>(s, 1); }
Sample lstm_sample(Sampler& s) { return network_sample<nn::LSTM>(s, 2); }
Sample rnn_sample(Sampler& s) {
  return network_sample<nn::RNN>(s, 1, s.coin() ? nn::Nonlinearity::tanh : nn::Nonlinearity::relu);
}

Sample layer_norm_sample(Sampler& s) {
  const std::int64_t size = s.size();
  return with_parameters(std::make_shared<nn::LayerNorm>(size, 0.1),
                         {s.normal({s.size(), s.size(), size})},
                         [](const nn::LayerNorm& m, const auto& x) { return m.forward(x[0]); });
}

/// Attention of any kind, with padding.
Sample attention_sample(Sampler& s, const std::shared_ptr<nn::Attention>& module, std::int64_t Q,
                        std::int64_t D) {
  const std::int64_t S = s.size(1, 3);
  const std::int64_t B = s.size(1, 3);
  const Tensor padding = nn::padding_mask(random_lengths(s, S, B), S);
  return with_parameters(module, {s.normal({B, Q}), s.normal({S, B, D})},
                         [padding](const nn::Attention& m, const auto& x) {
                           const auto out = m.forward(x[0], m.project_keys(x[1]), x[1], padding);
                           return std::vector{out.context, out.weights};
                         });
}

Sample additive_sample(Sampler& s) {
  const std::int64_t Q = s.size(1, 3);
  const std::int64_t D = s.size(1, 3);
  const Energy energy = s.coin() ? Energy::tanh : Energy::relu;
  return attention_sample(s, std::make_shared<nn::AdditiveAttention>(Q, D, s.size(1, 3), energy), Q,
                          D);
}
Sample dot_sample(Sampler& s) {
  const std::int64_t D = s.size(1, 3);
  return attention_sample(s, std::make_shared<nn::DotAttention>(), D, D);
}
Sample scaled_dot_sample(Sampler& s) {
  const std::int64_t D = s.size(1, 3);
  return attention_sample(s, std::make_shared<nn::ScaledDotAttention>(), D, D);
}
Sample general_sample(Sampler& s) {
  const std::int64_t Q = s.size(1, 3);
  const std::int64_t D = s.size(1, 3);
  return attention_sample(s, std::make_shared<nn::GeneralAttention>(Q, D), Q, D);
}

/// The sizes of a Transformer's layers, and of a batch.
struct TransformerSizes {
  std::int64_t T, S, B;
  nn::TransformerOptions options;
  Tensor lengths;

  explicit TransformerSizes(Sampler& s)
      : T(s.size(1, 3)), S(s.size(1, 3)), B(s.size(1, 2)), lengths(random_lengths(s, S, B)) {
    options.heads = s.size(1, 2);
    options.embed_dim = options.heads * 2 * s.size(1, 2);
    options.ffn = s.size(1, 3);
    options.activation = s.coin() ? nn::Activation::gelu : nn::Activation::silu;
    options.norm = s.coin() ? nn::Norm::pre : nn::Norm::post;
    options.cell = s.coin() ? nn::DecoderCell::ssru : nn::DecoderCell::attention;
  }
};

nn::Rotation random_rotation(Sampler& s, std::int64_t T, const nn::TransformerOptions& options) {
  const std::int64_t d = options.embed_dim / options.heads;
  return s.coin() ? nn::Rotation{nn::rotary_cosines(T, d).to(DType::float64),
                                 nn::rotary_sines(T, d).to(DType::float64)}
                  : nn::Rotation{};
}

Sample multihead_sample(Sampler& s) {
  const TransformerSizes sizes(s);
  const std::int64_t E = sizes.options.embed_dim;
  const auto module = std::make_shared<nn::MultiheadAttention>(E, sizes.options.heads);
  if (s.coin()) {
    const nn::MultiheadAttention::Options options{
        .causal = true, .rotation = random_rotation(s, sizes.T, sizes.options)};
    return with_parameters(module, {s.normal({sizes.T, sizes.B, E})},
                           [options](const nn::MultiheadAttention& m, const auto& x) {
                             return m.forward(x[0], options);
                           });
  }
  return with_parameters(module, {s.normal({sizes.T, sizes.B, E}), s.normal({sizes.S, sizes.B, E})},
                         [lengths = sizes.lengths](const nn::MultiheadAttention& m, const auto& x) {
                           return m.forward(x[0], x[1], {.lengths = lengths});
                         });
}

Sample ssru_sample(Sampler& s) {
  const std::int64_t E = s.size(1, 3);
  return with_parameters(std::make_shared<nn::SSRU>(E), {s.normal({s.size(1, 4), s.size(1, 2), E})},
                         [](const nn::SSRU& m, const auto& x) { return m.forward(x[0]); });
}

Sample encoder_layer_sample(Sampler& s) {
  const TransformerSizes sizes(s);
  return with_parameters(
      std::make_shared<nn::TransformerEncoderLayer>(sizes.options),
      {s.normal({sizes.S, sizes.B, sizes.options.embed_dim})},
      [lengths = sizes.lengths, rotation = random_rotation(s, sizes.S, sizes.options)](
          const nn::TransformerEncoderLayer& m, const auto& x) {
        return m.forward(x[0], lengths, rotation);
      });
}

Sample decoder_layer_sample(Sampler& s) {
  const TransformerSizes sizes(s);
  const std::int64_t E = sizes.options.embed_dim;
  return with_parameters(
      std::make_shared<nn::TransformerDecoderLayer>(sizes.options),
      {s.normal({sizes.T, sizes.B, E}), s.normal({sizes.S, sizes.B, E})},
      [lengths = sizes.lengths, rotation = random_rotation(s, sizes.T, sizes.options)](
          const nn::TransformerDecoderLayer& m, const auto& x) {
        return m.forward(x[0], x[1], lengths, rotation);
      });
}

Sample loss_sample(Sampler& s) {
  const std::int64_t V = s.size(2, 5);
  const Tensor targets = s.ids({s.size(), s.size()}, V);  // class 0 is ignored
  return {{s.normal({targets.size(0), targets.size(1), V})},
          [targets](const auto& x) { return nn::CrossEntropyLoss(0).forward(x[0], targets); }};
}

struct NamedSample {
  std::string name;
  Sample (*sample)(Sampler&);
};

const std::vector<NamedSample>& modules() {
  static const std::vector<NamedSample> all = {
      {"AdditiveAttention", additive_sample},
      {"CrossEntropyLoss", loss_sample},
      {"DotAttention", dot_sample},
      {"Dropout", dropout_sample},
      {"Embedding", embedding_sample},
      {"GRU", gru_sample},
      {"GRUCell", gru_cell_sample},
      {"GeneralAttention", general_sample},
      {"LSTM", lstm_sample},
      {"LSTMCell", lstm_cell_sample},
      {"LayerNorm", layer_norm_sample},
      {"Linear", linear_sample},
      {"MultiheadAttention", multihead_sample},
      {"RNN", rnn_sample},
      {"RNNCell", rnn_cell_sample},
      {"SSRU", ssru_sample},
      {"ScaledDotAttention", scaled_dot_sample},
      {"TransformerDecoderLayer", decoder_layer_sample},
      {"TransformerEncoderLayer", encoder_layer_sample},
  };
  return all;
}

/// A small model of a random variant of a preset.
std::unique_ptr<Seq2Seq> random_model(const std::string& preset_name, Sampler& s) {
  const std::vector<Variant> all = variants(preset_name);
  ModelConfig& config = *all[static_cast<std::size_t>(s.size(0, std::ssize(all) - 1))].config;
  config.source_vocab = data::kSpecials + s.size(2, 6);
  config.target_vocab = data::kSpecials + s.size(2, 6);
  resize(config, [&s] { return s.size(1, 4); });
  std::unique_ptr<Seq2Seq> model = make_model(config);
  model->to(DType::float64);
  return model;
}

data::Batch random_batch(const ModelConfig& config, Sampler& s) {
  std::vector<data::SentencePair> corpus(static_cast<std::size_t>(s.size(1, 4)));
  std::vector<std::int64_t> rows;
  const auto sentence = [&](std::int64_t vocab) {
    Tensor ids = s.ids({s.size(1, 5)}, vocab - data::kSpecials);
    std::vector<std::int64_t> words = ids.to_vector<std::int64_t>();
    std::ranges::for_each(words, [](std::int64_t& id) { id += data::kSpecials; });
    return words;
  };
  for (data::SentencePair& pair : corpus) {
    pair = {sentence(config.source_vocab), sentence(config.target_vocab)};
    rows.push_back(std::ssize(rows));
  }
  data::Batch batch = data::make_batch(corpus, rows);
  if (config.source_features > 0) {
    Shape shape = batch.source.shape();
    shape.push_back(config.source_features);
    batch.source = s.normal(shape).detach();  // [S, B, F], anything at padding
  }
  return batch;
}

/// The derivative of a batch's loss along a direction, with its graph recorded.
Tensor slope(const Seq2Seq& model, const data::Batch& batch, const std::vector<Tensor>& parameters,
             const std::vector<Tensor>& direction) {
  const GradModeGuard record(true);
  Tensor total;
  const std::vector<Tensor> gradients =
      grad({model.loss(batch)}, parameters, {}, {.create_graph = true, .allow_unused = true});
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (gradients[i].defined()) {
      const Tensor part = sum(gradients[i] * direction[i]);
      total = total.defined() ? total + part : part;
    }
  }
  return total;
}

void check_loss(const std::string& preset_name, std::uint64_t seed, ModuleReport& report) {
  Sampler sampler(seed);
  const std::unique_ptr<Seq2Seq> model = random_model(preset_name, sampler);
  const data::Batch batch = random_batch(model->config(), sampler);
  const std::vector<Tensor> parameters = model->parameters();
  const double error = directional_error([&] { return model->loss(batch); }, parameters, seed);
  report.error = std::max(report.error, error);
  // Second order: the derivative of the first one along another direction.
  std::vector<Tensor> direction;
  for (const Tensor& parameter : parameters) {
    direction.push_back(sampler.normal(parameter.shape()).detach());
  }
  const double second_error = directional_error(
      [&] { return slope(*model, batch, parameters, direction); }, parameters, seed + 1);
  report.second_error = std::max(report.second_error, second_error);
  if (!(error <= kLossTolerance && second_error <= kSecondLossTolerance)) {
    report.failures.push_back(
        fmt::format("{}, seed {}: directional derivative, errors {:.3g} and {:.3g} (second order)",
                    report.name, seed, error, second_error));
  }
}

void check_sample(const Sample& sample, std::uint64_t seed, ModuleReport& report) {
  const GradcheckResult result = gradcheck(sample.function, sample.inputs, {.seed = seed});
  report.error = std::max(report.error, result.error);
  report.second_error = std::max(report.second_error, result.second_error);
  if (!result.ok()) {
    report.failures.push_back(fmt::format("{}, seed {}: {}", report.name, seed, result.failure));
  }
}

constexpr std::string_view kLossPrefix = "loss/";

}  // namespace

std::vector<std::string> module_check_names() {
  std::vector<std::string> names;
  for (const NamedSample& module : modules()) {
    names.push_back(module.name);
  }
  for (const std::string_view preset_name : preset_names()) {
    names.push_back(fmt::format("{}{}", kLossPrefix, preset_name));
  }
  return names;
}

ModuleReport check_module(const std::string& name, int samples, std::uint64_t seed) {
  const std::vector<std::string> names = module_check_names();
  choose("gradcheck", name, std::vector<std::string_view>(names.begin(), names.end()));
  ModuleReport report{.name = name, .samples = samples, .failures = {}};
  const Generator before = default_generator();
  const auto module = std::ranges::find(modules(), name, &NamedSample::name);
  for (int i = 0; i < samples; ++i) {
    const std::uint64_t sample_seed = seed + static_cast<std::uint64_t>(i);
    manual_seed(sample_seed);  // for the parameters
    if (name.starts_with(kLossPrefix)) {
      check_loss(name.substr(kLossPrefix.size()), sample_seed, report);
    } else {
      Sampler sampler(sample_seed);
      check_sample(module->sample(sampler), sample_seed, report);
    }
  }
  default_generator() = before;
  return report;
}

}  // namespace weft::models
