#pragma once

#include "autograd/random.hpp"
#include "autograd/tensor.hpp"

/// Initialization of parameters. Each function overwrites a tensor: a leaf, or a view of one
/// (`narrow(weight, 0, 0, rows)` under NoGradGuard). Modules apply PyTorch's defaults on
/// construction; a model that wants other values calls these functions afterwards.
namespace weft::nn::init {

/// While it exists, the functions below do nothing on its thread: for modules that are constructed
/// only to be loaded from a file. Until then their parameters are 0.
class SkipGuard {
 public:
  SkipGuard();
  ~SkipGuard();
  SkipGuard(const SkipGuard&) = delete;
  SkipGuard& operator=(const SkipGuard&) = delete;

 private:
  bool outer_;
};

/// Every element is `value`.
void constant_(Tensor x, double value);
/// Every element is 0.
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

/// A random matrix with orthonormal rows, or orthonormal columns if there are fewer columns (Saxe
/// et al. 2013, arXiv:1312.6120). Throws Error unless x is a matrix.
void orthogonal_(Tensor x, Generator& generator = default_generator());

}  // namespace weft::nn::init
