#include "models/rnn_parts.hpp"

#include "nn/gru.hpp"
#include "nn/lstm.hpp"
#include "nn/rnn.hpp"

namespace weft::models {
namespace {

nn::Nonlinearity nonlinearity(Cell cell) {
  return cell == Cell::rnn_relu ? nn::Nonlinearity::relu : nn::Nonlinearity::tanh;
}

}  // namespace

std::int64_t memory_size(const RnnConfig& config) {
  return config.hidden * (config.bidirectional ? 2 : 1);
}

std::int64_t context_size(const RnnConfig& config) {
  return config.attention != AttentionKind::none ? memory_size(config)
         : config.fixed_context                  ? config.hidden
                                                 : 0;
}

std::int64_t beside_size(const RnnConfig& config) {
  if (config.input_feeding) {
    return config.hidden;
  }
  const bool context_after =
      config.attention != AttentionKind::none && config.query == Query::current;
  return context_after ? 0 : context_size(config);
}

std::int64_t feature_size(const RnnConfig& config) {
  return config.hidden + (config.readout == Readout::state ? 0 : context_size(config) + config.emb);
}

std::int64_t readout_size(const RnnConfig& config) {
  const bool layer = config.readout == Readout::deep || config.readout == Readout::maxout;
  return layer ? config.emb : feature_size(config);
}

std::int64_t deep_size(const RnnConfig& config) {
  return config.emb * (config.readout == Readout::maxout ? 2 : 1);
}

std::int64_t gates(Cell cell) { return cell == Cell::lstm ? 4 : cell == Cell::gru ? 3 : 1; }

std::size_t states(Cell cell) { return cell == Cell::lstm ? 2 : 1; }

std::unique_ptr<nn::RecurrentNetwork> make_encoder(const RnnConfig& c) {
  std::unique_ptr<nn::RecurrentNetwork> encoder;
  switch (c.cell) {
    case Cell::gru:
      encoder = std::make_unique<nn::GRU>(c.emb, c.hidden, c.layers, c.bidirectional, c.dropout);
      break;
    case Cell::lstm:
      encoder = std::make_unique<nn::LSTM>(c.emb, c.hidden, c.layers, c.bidirectional, c.dropout);
      break;
    case Cell::rnn:
    case Cell::rnn_relu:
      encoder = std::make_unique<nn::RNN>(c.emb, c.hidden, c.layers, c.bidirectional, c.dropout,
                                          nonlinearity(c.cell));
      break;
  }
  encoder->residual = c.residual;
  encoder->reversed = c.reverse_source;
  return encoder;
}

std::unique_ptr<nn::RecurrentCell> make_cell(Cell cell, std::int64_t input, std::int64_t hidden) {
  switch (cell) {
    case Cell::gru:
      return std::make_unique<nn::GRUCell>(input, hidden);
    case Cell::lstm:
      return std::make_unique<nn::LSTMCell>(input, hidden);
    default:
      return std::make_unique<nn::RNNCell>(input, hidden, nonlinearity(cell));
  }
}

std::unique_ptr<nn::Attention> make_attention(const RnnConfig& config) {
  const std::int64_t H = config.hidden;
  const std::int64_t D = memory_size(config);
  switch (config.attention) {
    case AttentionKind::dot:
      return std::make_unique<nn::DotAttention>();
    case AttentionKind::scaled_dot:
      return std::make_unique<nn::ScaledDotAttention>();
    case AttentionKind::general:
      return std::make_unique<nn::GeneralAttention>(H, D);
    case AttentionKind::additive:
      return std::make_unique<nn::AdditiveAttention>(H, D, H, config.energy);
    default:
      return nullptr;
  }
}

}  // namespace weft::models
