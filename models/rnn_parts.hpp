#pragma once

#include <cstdint>
#include <memory>

#include "models/rnn_config.hpp"
#include "nn/attention.hpp"
#include "nn/recurrent.hpp"

/// The components of an RnnSeq2Seq, according to its configuration: sizes and modules.
namespace weft::models {

/// D, width of the encoder's outputs.
std::int64_t memory_size(const RnnConfig& config);
/// Width of the context vector at each step, 0 if there is none.
std::int64_t context_size(const RnnConfig& config);
/// Width of the first decoder cell's input in addition to the embedding.
std::int64_t beside_size(const RnnConfig& config);
/// F, width of the input of the readout.
std::int64_t feature_size(const RnnConfig& config);
/// Width of the input of the output layer.
std::int64_t readout_size(const RnnConfig& config);
/// Rows of the layer below the output; maxout has two per unit.
std::int64_t deep_size(const RnnConfig& config);
/// G, the number of row blocks in a cell's weights.
std::int64_t gates(Cell cell);
/// The number of tensors in a cell's state: h, and c for an LSTM.
std::size_t states(Cell cell);

/// Makes the encoder.
std::unique_ptr<nn::RecurrentNetwork> make_encoder(const RnnConfig& config);
/// Makes one layer of the decoder.
std::unique_ptr<nn::RecurrentCell> make_cell(Cell cell, std::int64_t input, std::int64_t hidden);
/// Makes the attention; null for AttentionKind::none.
std::unique_ptr<nn::Attention> make_attention(const RnnConfig& config);

}  // namespace weft::models
