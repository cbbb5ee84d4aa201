#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "autograd/ops.hpp"
#include "models/registry.hpp"
#include "models/rnn_seq2seq.hpp"
#include "models/transformer_seq2seq.hpp"

// Models and batches so small that a test can check every number in them.
namespace weft::models {

/// A preset with 9 source tokens, 11 target tokens, E = 5 and H = 6.
inline RnnConfig tiny_config(const std::string& preset_name, std::int64_t layers = 1) {
  RnnConfig config = rnn_preset(preset_name);
  config.source_vocab = 9;
  config.target_vocab = 11;
  config.emb = 5;
  config.hidden = 6;
  config.layers = layers;
  return config;
}

/// Gives a model of any family sizes about as small, and no dropout.
inline void make_tiny(ModelConfig& config) {
  config.source_vocab = 9;
  config.target_vocab = 11;
  resize(config, [] { return std::int64_t{3}; });
  if (auto* const transformer = dynamic_cast<TransformerConfig*>(&config)) {
    transformer->dropout = 0;
  }
}

/// A preset of any family in such sizes.
inline std::unique_ptr<ModelConfig> tiny_preset(std::string_view preset_name,
                                                std::int64_t layers = 1) {
  std::unique_ptr<ModelConfig> config = preset(preset_name);
  make_tiny(*config);
  if (auto* const recurrent = dynamic_cast<RnnConfig*>(config.get())) {
    *recurrent = tiny_config(std::string(preset_name), layers);
  } else {
    dynamic_cast<TransformerConfig&>(*config).layers = layers;
  }
  return config;
}

/// Three pairs whose lengths differ on both sides.
inline std::vector<data::SentencePair> tiny_pairs() {
  return {{{4, 5, 6, 7}, {5, 6}}, {{8, 4}, {7, 8, 9, 10}}, {{6}, {4}}};
}

inline data::Batch tiny_batch() { return data::make_batch(tiny_pairs(), {0, 1, 2}); }

/// A recurrent configuration and how it differs from others.
struct TinyVariant {
  std::string name;
  RnnConfig config;
};

/// Every variant of every recurrent preset, in the sizes of tiny_config.
inline std::vector<TinyVariant> tiny_variants() {
  std::vector<TinyVariant> all;
  for (const std::string_view preset_name : rnn_preset_names()) {
    const RnnConfig sizes = tiny_config(std::string(preset_name));
    for (const Variant& variant : variants(preset_name)) {
      auto config = dynamic_cast<const RnnConfig&>(*variant.config);
      if (config.source_features > 0) {
        continue;  // tests/models/toys: tiny_batch has tokens
      }
      config.source_vocab = sizes.source_vocab;
      config.target_vocab = sizes.target_vocab;
      config.emb = sizes.emb;
      config.hidden = sizes.hidden;
      all.push_back({fmt::format("{}, {}", preset_name, variant.name), config});
    }
  }
  return all;
}

/// Every variant of every preset of all families.
inline std::vector<Variant> all_tiny_variants() {
  std::vector<Variant> all;
  for (const std::string_view preset_name : preset_names()) {
    for (Variant& variant : variants(preset_name)) {
      if (variant.config->source_features == 0) {
        make_tiny(*variant.config);
        variant.name = fmt::format("{}, {}", preset_name, variant.name);
        all.push_back(std::move(variant));
      }
    }
  }
  return all;
}

/// The model as its family's class: encoder and decoder, step by step.
inline const RnnSeq2Seq& recurrent(const Seq2Seq& model) {
  return dynamic_cast<const RnnSeq2Seq&>(model);
}

/// The rows `rows` [N] of a state, in that order.
inline RnnSeq2Seq::State reorder(const RnnSeq2Seq::State& state, const Tensor& rows) {
  RnnSeq2Seq::State result;
  for (const Tensor& part : state) {
    result.push_back(index_select(part, 0, rows));
  }
  return result;
}

/// The largest |a - b| of two float64 tensors of the same shape; NaN if there is one.
inline double distance(const Tensor& a, const Tensor& b) {
  double largest = 0;
  const Tensor difference = a.detach() - b.detach();
  for (const double x : difference.data<double>()) {
    largest = std::isnan(x) || std::abs(x) > largest ? std::abs(x) : largest;
  }
  return largest;
}

/// Whether two models have the same parameters, bit for bit.
inline bool same_parameters(const Seq2Seq& a, const Seq2Seq& b) {
  const auto x = a.named_parameters();
  const auto y = b.named_parameters();
  bool same = x.size() == y.size();
  for (std::size_t i = 0; same && i < x.size(); ++i) {
    same = x[i].first == y[i].first && identical(x[i].second, y[i].second);
  }
  return same;
}

}  // namespace weft::models
