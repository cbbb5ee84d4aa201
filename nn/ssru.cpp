#include "nn/ssru.hpp"

#include "autograd/ops.hpp"
#include "nn/init.hpp"

// Kim et al. 2019, "From Research to Production and Back: Ludicrously Fast Neural Machine
// Translation" (10.18653/v1/D19-5632), section 3.1, with elementwise products:
//
//   f_t = sigmoid(W_f x_t + b_f)
//   c_t = f_t c_{t-1} + (1 - f_t) W x_t
//   o_t = relu(c_t)
namespace weft::nn {

SSRU::SSRU(std::int64_t embed_dim)
    : forget(embed_dim, embed_dim), candidate(embed_dim, embed_dim, false) {
  child("forget", forget);
  child("candidate", candidate);
  init::xavier_uniform_(forget.weight);
  init::zeros_(forget.bias);
  init::xavier_uniform_(candidate.weight);
}

Tensor SSRU::forward(const Tensor& x) const {
  const Forward call(*this);
  const Tensor f = sigmoid(forget.forward(x));
  const Tensor z = candidate.forward(x);
  return call.output(relu(linear_recurrence(f, z - f * z)));
}

SSRU::Step SSRU::step(const Tensor& x, const Tensor& state) const {
  const Tensor f = sigmoid(forget.forward(x));
  const Tensor z = candidate.forward(x);
  const Tensor c = z + f * (state - z);
  return {.output = relu(c), .state = c};
}

}  // namespace weft::nn
