#pragma once

#include "autograd/random.hpp"
#include "autograd/tensor.hpp"

/// First values of parameters. Each function overwrites a tensor, a leaf or a view of one
/// (`narrow(weight, 0, 0, rows)` under NoGradGuard). Modules call PyTorch's defaults when they are
/// made; a model that wants others calls these afterwards.
namespace weft::nn::init {

/// While it lives, the functions below do nothing on its thread: for modules that are made only to
/// be given the values of a file. Their parameters are 0 until then.
class SkipGuard {
 public:
  SkipGuard();
  ~SkipGuard();
  SkipGuard(const SkipGuard&) = delete;
  SkipGuard& operator=(const SkipGuard&) = delete;

 private:
  bool outer_;
};

/// Every element `value`.
void constant_(Tensor x, double value);
/// Every element 0.
void zeros_(Tensor x);

/// Uniform in [low, high).
void uniform_(Tensor x, double low, double high, Generator& generator = default_generator());

/// Normal with the given mean and standard deviation.
void normal_(Tensor x, double mean = 0, double std = 1, Generator& generator = default_generator());

/// U(-a, a) with a = gain sqrt(6 / (fan_in + fan_out)) for a weight [fan_out, fan_in] (Glorot and
/// Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks",
/// eq. 16). Throws Error unless x is a matrix.
void xavier_uniform_(Tensor x, double gain = 1, Generator& generator = default_generator());

/// U(-b, b) with b = sqrt(6 / fan_in) for a weight [fan_out, fan_in] followed by relu (He et al.
/// 2015, arXiv:1502.01852, eq. 10). Throws Error unless x is a matrix.
void kaiming_uniform_(Tensor x, Generator& generator = default_generator());

/// A random matrix with orthonormal rows, or columns if there are fewer of them (Saxe et al. 2013,
/// arXiv:1312.6120). Throws Error unless x is a matrix.
void orthogonal_(Tensor x, Generator& generator = default_generator());

}  // namespace weft::nn::init
