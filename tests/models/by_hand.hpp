#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "models/rnn_config.hpp"
#include "models/seq2seq.hpp"

// A model with one layer on one sentence, in plain loops over doubles: the equations of
// models/rnn_seq2seq.cpp written a second time, without tensors, batches or masks.
namespace weft::models::by_hand {

using Vector = std::vector<double>;

struct Matrix {
  std::size_t columns = 0;
  Vector elements;

  Vector row(std::size_t i) const {
    const auto begin = elements.begin() + static_cast<std::ptrdiff_t>(i * columns);
    return {begin, begin + static_cast<std::ptrdiff_t>(columns)};
  }
};

inline double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += a.at(i) * b.at(i);
  }
  return sum;
}

inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

inline Vector join(const std::vector<Vector>& parts) {
  Vector all;
  for (const Vector& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

/// A model's float64 parameters by name.
class Model {
 public:
  explicit Model(const Seq2Seq& model) : config_(dynamic_cast<const RnnConfig&>(model.config())) {
    for (const auto& [name, tensor] : model.named_parameters()) {
      parameters_[name] = {static_cast<std::size_t>(tensor.size(-1)), tensor.to_vector<double>()};
    }
  }

  /// The logits of every step, given the source's ids and every previous token.
  std::vector<Vector> logits(const std::vector<std::int64_t>& source,
                             const std::vector<std::int64_t>& target_in) const {
    const std::vector<Vector> h = encode(source);
    Vector s = first_state(h);
    std::vector<Vector> result;
    for (const std::int64_t token : target_in) {
      const Vector y = embed("target_embedding.weight", token);
      const Vector c = context(s, h);
      s = gru("decoder_l0.weight_", "decoder_l0.bias_", "", join({y, c}), s);
      result.push_back(readout(s, c, y));
    }
    return result;
  }

 private:
  /// W x + b; b may be "".
  Vector affine(const std::string& weight, const std::string& bias, const Vector& x) const {
    const Matrix& W = parameters_.at(weight);
    Vector y;
    for (std::size_t i = 0; i < W.elements.size() / W.columns; ++i) {
      y.push_back(dot(W.row(i), x) + (bias.empty() ? 0 : parameters_.at(bias).elements.at(i)));
    }
    return y;
  }

  Vector embed(const std::string& table, std::int64_t id) const {
    return parameters_.at(table).row(static_cast<std::size_t>(id));
  }

  Vector gru(const std::string& weight, const std::string& bias, const std::string& suffix,
             const Vector& x, const Vector& h) const {
    const Vector gi = affine(weight + "ih" + suffix, bias + "ih" + suffix, x);
    const Vector gh = affine(weight + "hh" + suffix, bias + "hh" + suffix, h);
    const std::size_t H = h.size();
    Vector next;
    for (std::size_t i = 0; i < H; ++i) {
      const double r = sigmoid(gi[i] + gh[i]);
      const double z = sigmoid(gi[H + i] + gh[H + i]);
      const double n = std::tanh(gi[2 * H + i] + r * gh[2 * H + i]);
      next.push_back((1 - z) * n + z * h[i]);
    }
    return next;
  }

  std::vector<Vector> read(const std::vector<std::int64_t>& source,
                           const std::string& suffix) const {
    Vector h(static_cast<std::size_t>(config_.hidden), 0);
    std::vector<Vector> states;
    for (const std::int64_t id : source) {
      h = gru("encoder.weight_", "encoder.bias_", suffix, embed("source_embedding.weight", id), h);
      states.push_back(h);
    }
    return states;
  }

  /// h_1 .. h_S.
  std::vector<Vector> encode(std::vector<std::int64_t> source) const {
    std::vector<Vector> h = read(source, "_l0");
    if (config_.bidirectional) {
      std::ranges::reverse(source);
      const std::vector<Vector> backward = read(source, "_l0_reverse");
      for (std::size_t i = 0; i < h.size(); ++i) {
        h[i] = join({h[i], backward[h.size() - 1 - i]});
      }
    }
    return h;
  }

  Vector first_state(const std::vector<Vector>& h) const {
    if (config_.bridge == Bridge::last) {
      return h.back();
    }
    const auto half = static_cast<std::ptrdiff_t>(config_.hidden);
    Vector ends(h.back().begin(), h.back().begin() + half);
    ends.insert(ends.end(), h.front().begin() + half, h.front().end());
    Vector s = affine("bridge_l0.weight", "bridge_l0.bias", ends);
    std::ranges::transform(s, s.begin(), [](double x) { return std::tanh(x); });
    return s;
  }

  Vector context(const Vector& s, const std::vector<Vector>& h) const {
    const Vector query = affine("attention.query.weight", "", s);
    Vector weights;
    for (const Vector& h_i : h) {
      Vector energy = affine("attention.key.weight", "attention.key.bias", h_i);
      for (std::size_t a = 0; a < energy.size(); ++a) {
        const double x = energy[a] + query[a];
        energy[a] = config_.energy == Energy::tanh ? std::tanh(x) : std::max(x, 0.0);
      }
      weights.push_back(std::exp(dot(parameters_.at("attention.v").elements, energy)));
    }
    double total = 0;
    for (const double weight : weights) {
      total += weight;
    }
    Vector c(h.front().size(), 0);
    for (std::size_t i = 0; i < h.size(); ++i) {
      for (std::size_t d = 0; d < c.size(); ++d) {
        c[d] += weights[i] / total * h[i][d];
      }
    }
    return c;
  }

  Vector readout(const Vector& s, const Vector& c, const Vector& y) const {
    Vector x = config_.readout == Readout::state ? s : join({s, c, y});
    if (config_.readout == Readout::deep) {
      x = affine("deep.weight", "deep.bias", x);
      std::ranges::transform(x, x.begin(), [](double a) { return std::tanh(a); });
    }
    return affine("output.weight", "output.bias", x);
  }

  RnnConfig config_;
  std::map<std::string, Matrix> parameters_;
};

}  // namespace weft::models::by_hand
