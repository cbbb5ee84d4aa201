#pragma once

#include <cstdint>
#include <memory>

#include "models/rnn_config.hpp"
#include "nn/attention.hpp"
#include "nn/recurrent.hpp"

/// What an RnnSeq2Seq is put together from, as its configuration asks for it: sizes and modules.
namespace weft::models {

/// D, width of the encoder's outputs.
std::int64_t memory_size(const RnnConfig& config);
/// Width of what the decoder knows of the source at a step, 0 without any.
std::int64_t context_size(const RnnConfig& config);
/// Width of what the first cell of the decoder reads beside the embedding.
std::int64_t beside_size(const RnnConfig& config);
/// F, width of what the readout sees.
std::int64_t feature_size(const RnnConfig& config);
/// Width of what the output layer takes.
std::int64_t readout_size(const RnnConfig& config);
/// Rows of the layer below the output: maxout takes the larger of every two.
std::int64_t deep_size(const RnnConfig& config);
/// G, the blocks of rows in a cell's weights.
std::int64_t gates(Cell cell);
/// Tensors of a cell's state: h, and c of an LSTM.
std::size_t states(Cell cell);

/// The encoder, of all its layers.
std::unique_ptr<nn::RecurrentNetwork> make_encoder(const RnnConfig& config);
/// One layer of the decoder.
std::unique_ptr<nn::RecurrentCell> make_cell(Cell cell, std::int64_t input, std::int64_t hidden);
/// The attention; null for AttentionKind::none.
std::unique_ptr<nn::Attention> make_attention(const RnnConfig& config);

}  // namespace weft::models
