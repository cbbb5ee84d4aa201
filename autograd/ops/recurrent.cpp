#include "autograd/kernels/parallel.hpp"
#include "autograd/kernels/vector.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/checks.hpp"
#include "autograd/ops/composed.hpp"
#include "autograd/tape.hpp"

/// Recurrent cells as single ops: a fast kernel for the first derivative, elementary ops for
/// higher ones.
namespace weft {
namespace {

/// Whether `row` is masked out.
bool keeps_state(const bool* mask, std::int64_t row) { return mask != nullptr && !mask[row]; }

const bool* mask_data(const Tensor& mask) {
  return mask.defined() ? mask.data<bool>().data() : nullptr;
}

void check_mask(std::string_view where, const Tensor& mask, std::int64_t B) {
  if (mask.defined()) {
    ops::check_dtype(where, "mask", mask, DType::boolean);
    ops::check_shape(where, "mask", mask, {B});
  }
}

/// The gates and the new state in elementary ops.
Tensor composed_gru_cell(const Tensor& gi, const Tensor& gh, const Tensor& h) {
  const std::int64_t H = h.size(1);
  const std::vector<Tensor> i = split(gi, {H, H, H}, 1);  // three of [B, H]
  const std::vector<Tensor> k = split(gh, {H, H, H}, 1);  // three of [B, H]
  const Tensor r = sigmoid(i[0] + k[0]);
  const Tensor z = sigmoid(i[1] + k[1]);
  const Tensor n = tanh(i[2] + r * k[2]);
  return n + z * (h - n);
}

/// The same with masked-out rows, which keep h. They enter the formula as zeros: their contents,
/// even NaN, must reach neither the result nor a gradient.
Tensor composed_gru_cell(const Tensor& gi, const Tensor& gh, const Tensor& h, const Tensor& mask) {
  if (!mask.defined()) {
    return composed_gru_cell(gi, gh, h);
  }
  const Tensor real = reshape(mask, {-1, 1});
  const Tensor zero = scalar(0, h.dtype());
  const Tensor next =
      composed_gru_cell(where(real, gi, zero), where(real, gh, zero), where(real, h, zero));
  return where(real, next, h);
}

/// Computes h' [B, H], and the gates r, z, n [B, 3H] for the backward pass.
template <class T>
void gru_forward(const T* gi, const T* gh, const T* h, const bool* mask, T* next, T* gates,
                 std::int64_t B, std::int64_t H) {
  const auto row = kernels::vector_kernels<T>().gru_forward;
  parallel_for(B, B * H * 8, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) {
      row(gi + b * 3 * H, gh + b * 3 * H, h + b * H, next + b * H, gates + b * 3 * H, H);
      if (keeps_state(mask, b)) {
        std::copy_n(h + b * H, H, next + b * H);
      }
    }
  });
}

/// The derivatives given below, all three in one pass.
template <class T>
void gru_backward(const T* g, const T* gates, const T* gh, const T* h, const bool* mask, T* dgi,
                  T* dgh, T* dh, std::int64_t B, std::int64_t H) {
  const auto row = kernels::vector_kernels<T>().gru_backward;
  parallel_for(B, B * H * 4, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) {
      if (keeps_state(mask, b)) {
        std::fill_n(dgi + b * 3 * H, 3 * H, T{0});
        std::fill_n(dgh + b * 3 * H, 3 * H, T{0});
        std::copy_n(g + b * H, H, dh + b * H);
        continue;
      }
      row(g + b * H, gates + b * 3 * H, gh + b * 3 * H, h + b * H, dgi + b * 3 * H, dgh + b * 3 * H,
          dh + b * H, H);
    }
  });
}

}  // namespace

// The GRU of Cho et al. 2014 (arXiv:1406.1078, eq. 5-8) in the variant of cuDNN and PyTorch: the
// reset gate acts on the product W_hn h + b_hn, not on h, and z keeps the old state. With the
// products gi = x W_ih^T + b_ih and gh = h W_hh^T + b_hh given, gates in the order r, z, n:
//
//   r  = sigmoid(gi_r + gh_r)
//   z  = sigmoid(gi_z + gh_z)
//   n  = tanh(gi_n + r gh_n)
//   h' = (1 - z) n + z h
//
// With a_r, a_z, a_n the arguments of the three functions and g the gradient of h':
//   da_n = g (1 - z) (1 - n^2),  da_z = g (h - n) z (1 - z),  da_r = da_n gh_n r (1 - r),
//   dgi = (da_r, da_z, da_n),  dgh = (da_r, da_z, r da_n),  dh = g z.
// A row that is masked out has h' = h, so dh = g and nothing else.
namespace {
const Op gru_cell_op(
    "gru_cell",
    [](Sampler& s) -> Sample {
      const std::int64_t B = s.size(0, 4);
      const std::int64_t H = s.size(1, 4);
      const Tensor mask = s.coin() ? s.mask({B}) : Tensor();
      return {{s.normal({B, 3 * H}), s.normal({B, 3 * H}), s.normal({B, H})},
              [mask](const auto& x) { return gru_cell(x[0], x[1], x[2], mask); }};
    },
    {{[] {
        gru_cell(zeros({2, 9}), zeros({2, 9}), zeros({2, 4}));
      },
      "gru_cell: wrong shape of input product; got [2, 9]; expected [2, 12]"},
     {[] {
        gru_cell(zeros({2, 12}), zeros({1, 12}), zeros({2, 4}));
      },
      "gru_cell: wrong shape of hidden product; got [1, 12]; expected [2, 12]"},
     {[] {
        gru_cell(zeros({2, 3}), zeros({2, 3}), zeros({2, 1}), bool_tensor({true}, {1}));
      },
      "gru_cell: wrong shape of mask; got [1]; expected [2]"},
     {[] {
        gru_cell(zeros({2, 3}), zeros({2, 3}, DType::float64), zeros({2, 1}));
      },
      "gru_cell: dtypes differ; got float32 and float64; hint: convert one with to()"}});
}
Tensor gru_cell(const Tensor& gi, const Tensor& gh, const Tensor& h, const Tensor& mask) {
  ops::check_rank("gru_cell", "state", h, 2);
  const std::int64_t B = h.size(0);
  const std::int64_t H = h.size(1);
  ops::check_shape("gru_cell", "input product", gi, {B, 3 * H});
  ops::check_shape("gru_cell", "hidden product", gh, {B, 3 * H});
  ops::check_same_dtype("gru_cell", h, gi);
  ops::check_same_dtype("gru_cell", h, gh);
  check_mask("gru_cell", mask, B);
  Tensor next = empty(h.shape(), h.dtype());
  Tensor gates = empty(gi.shape(), h.dtype());
  dispatch_floating("gru_cell", h.dtype(), [&]<class T>() {
    gru_forward(gi.data<T>().data(), gh.data<T>().data(), h.data<T>().data(), mask_data(mask),
                next.mutable_data<T>().data(), gates.mutable_data<T>().data(), B, H);
  });
  return record(gru_cell_op, {gi, gh, h}, next,
                [gi = Saved(gi), gh = Saved(gh), h = Saved(h), mask = Saved(mask),
                 gates](const Backward& backward) -> Gradients {
                  if (grad_enabled()) {
                    const auto composed = [&](const std::vector<Tensor>& x) {
                      return std::vector{composed_gru_cell(x[0], x[1], x[2], *mask)};
                    };
                    return composed_gradients(composed, {*gi, *gh, *h}, backward);
                  }
                  const Tensor& g = backward.grad();
                  Tensor dgi = empty(gates.shape(), g.dtype());
                  Tensor dgh = empty(gates.shape(), g.dtype());
                  Tensor dh = empty(g.shape(), g.dtype());
                  dispatch_floating("gru_cell", g.dtype(), [&]<class T>() {
                    gru_backward(g.data<T>().data(), gates.data<T>().data(), (*gh).data<T>().data(),
                                 (*h).data<T>().data(), mask_data(*mask),
                                 dgi.mutable_data<T>().data(), dgh.mutable_data<T>().data(),
                                 dh.mutable_data<T>().data(), g.size(0), g.size(1));
                  });
                  return {dgi, dgh, dh};
                });
}

namespace {

/// The new states h' and c' in elementary ops.
std::vector<Tensor> composed_lstm_cell(const Tensor& gi, const Tensor& gh, const Tensor& c) {
  const std::int64_t H = c.size(1);
  const std::vector<Tensor> a = split(gi + gh, {H, H, H, H}, 1);  // four of [B, H]
  const Tensor next = sigmoid(a[1]) * c + sigmoid(a[0]) * tanh(a[2]);
  return {sigmoid(a[3]) * tanh(next), next};
}

/// The same with masked-out rows, which keep h and c and enter the formula as zeros.
std::vector<Tensor> composed_lstm_cell(const Tensor& gi, const Tensor& gh, const Tensor& h,
                                       const Tensor& c, const Tensor& mask) {
  if (!mask.defined()) {
    return composed_lstm_cell(gi, gh, c);
  }
  const Tensor real = reshape(mask, {-1, 1});
  const Tensor zero = scalar(0, c.dtype());
  const std::vector<Tensor> next =
      composed_lstm_cell(where(real, gi, zero), where(real, gh, zero), where(real, c, zero));
  return {where(real, next[0], h), where(real, next[1], c)};
}

/// Computes h' and c' [B, H], and the gates i, f, g, o [B, 4H] for the backward pass.
template <class T>
void lstm_forward(const T* gi, const T* gh, const T* h, const T* c, const bool* mask, T* next_h,
                  T* next_c, T* gates, std::int64_t B, std::int64_t H) {
  const auto row = kernels::vector_kernels<T>().lstm_forward;
  parallel_for(B, B * H * 10, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) {
      row(gi + b * 4 * H, gh + b * 4 * H, c + b * H, next_h + b * H, next_c + b * H,
          gates + b * 4 * H, H);
      if (keeps_state(mask, b)) {
        std::copy_n(h + b * H, H, next_h + b * H);
        std::copy_n(c + b * H, H, next_c + b * H);
      }
    }
  });
}

/// da [B, 4H] and dc [B, H], given below, in one pass.
template <class T>
void lstm_backward(const T* u, const T* v, const T* gates, const T* c, const T* next_c,
                   const bool* mask, T* da, T* dc, std::int64_t B, std::int64_t H) {
  const auto row = kernels::vector_kernels<T>().lstm_backward;
  parallel_for(B, B * H * 8, [=](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b) {
      if (keeps_state(mask, b)) {
        std::fill_n(da + b * 4 * H, 4 * H, T{0});
        std::copy_n(v + b * H, H, dc + b * H);
        continue;
      }
      row(u + b * H, v + b * H, gates + b * 4 * H, c + b * H, next_c + b * H, da + b * 4 * H,
          dc + b * H, H);
    }
  });
}

/// The gradient of output i, or zeros with the shape of `state` if the output was not used.
Tensor grad_or_zeros(const Backward& backward, std::size_t i, const Tensor& state) {
  return backward.grad(i).defined() ? backward.grad(i) : zeros_like(state);
}

}  // namespace

// The LSTM of Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000, in
// PyTorch's form. With a = gi + gh, gates in the order i, f, g, o:
//
//   i = sigmoid(a_i),  f = sigmoid(a_f),  g = tanh(a_g),  o = sigmoid(a_o)
//   c' = f c + i g
//   h' = o tanh(c')
//
// With u and v the gradients of h' and c', and s = v + u o (1 - tanh(c')^2) the total gradient of
// c':
//   da_i = s g i (1 - i),  da_f = s c f (1 - f),  da_g = s i (1 - g^2),
//   da_o = u tanh(c') o (1 - o),  dgi = dgh = da,  dh = 0,  dc = s f.
// A row that is masked out has h' = h and c' = c, so dh = u, dc = v and nothing else.
namespace {
const Op lstm_cell_op(
    "lstm_cell",
    [](Sampler& s) -> Sample {
      const std::int64_t B = s.size(0, 4);
      const std::int64_t H = s.size(1, 4);
      const Tensor mask = s.coin() ? s.mask({B}) : Tensor();
      const std::int64_t unused = s.size(0, 2);  // an output that is not used; 2: both are used
      return {{s.normal({B, 4 * H}), s.normal({B, 4 * H}), s.normal({B, H}), s.normal({B, H})},
              [mask, unused](const auto& x) {
                std::vector<Tensor> next = lstm_cell(x[0], x[1], x[2], x[3], mask);
                return unused == 2 ? next : std::vector{next[unused == 0 ? 1 : 0]};
              }};
    },
    {{[] {
        lstm_cell(zeros({2, 12}), zeros({2, 16}), zeros({2, 4}), zeros({2, 4}));
      },
      "lstm_cell: wrong shape of input product; got [2, 12]; expected [2, 16]"},
     {[] {
        lstm_cell(zeros({2, 16}), zeros({1, 16}), zeros({2, 4}), zeros({2, 4}));
      },
      "lstm_cell: wrong shape of hidden product; got [1, 16]; expected [2, 16]"},
     {[] {
        lstm_cell(zeros({2, 4}), zeros({2, 4}), zeros({1, 1}), zeros({2, 1}));
      },
      "lstm_cell: wrong shape of hidden state; got [1, 1]; expected [2, 1]"},
     {[] {
        lstm_cell(zeros({2, 4}), zeros({2, 4}), zeros({2, 1}), zeros({2, 1}), zeros({2}));
      },
      "lstm_cell: wrong dtype of mask; got float32; expected bool"},
     {[] {
        lstm_cell(zeros({2, 4}), zeros({2, 4}, DType::float64), zeros({2, 1}), zeros({2, 1}));
      },
      "lstm_cell: dtypes differ; got float32 and float64; hint: convert one with to()"}},
    KeepOutputs::yes);
}
std::vector<Tensor> lstm_cell(const Tensor& gi, const Tensor& gh, const Tensor& h, const Tensor& c,
                              const Tensor& mask) {
  ops::check_rank("lstm_cell", "cell state", c, 2);
  const std::int64_t B = c.size(0);
  const std::int64_t H = c.size(1);
  ops::check_shape("lstm_cell", "hidden state", h, {B, H});
  ops::check_shape("lstm_cell", "input product", gi, {B, 4 * H});
  ops::check_shape("lstm_cell", "hidden product", gh, {B, 4 * H});
  for (const Tensor& other : {h, gi, gh}) {
    ops::check_same_dtype("lstm_cell", c, other);
  }
  check_mask("lstm_cell", mask, B);
  Tensor next_h = empty(c.shape(), c.dtype());
  Tensor next_c = empty(c.shape(), c.dtype());
  Tensor gates = empty(gi.shape(), c.dtype());
  dispatch_floating("lstm_cell", c.dtype(), [&]<class T>() {
    lstm_forward(gi.data<T>().data(), gh.data<T>().data(), h.data<T>().data(), c.data<T>().data(),
                 mask_data(mask), next_h.mutable_data<T>().data(), next_c.mutable_data<T>().data(),
                 gates.mutable_data<T>().data(), B, H);
  });
  return record(lstm_cell_op, {gi, gh, h, c}, {next_h, next_c},
                [gi = Saved(gi), gh = Saved(gh), h = Saved(h), c = Saved(c), mask = Saved(mask),
                 gates](const Backward& backward) -> Gradients {
                  if (grad_enabled()) {
                    const auto composed = [&](const std::vector<Tensor>& x) {
                      return composed_lstm_cell(x[0], x[1], x[2], x[3], *mask);
                    };
                    return composed_gradients(composed, {*gi, *gh, *h, *c}, backward);
                  }
                  const Tensor u = grad_or_zeros(backward, 0, *c);
                  const Tensor v = grad_or_zeros(backward, 1, *c);
                  Tensor da = empty(gates.shape(), gates.dtype());
                  Tensor dc = empty((*c).shape(), gates.dtype());
                  dispatch_floating("lstm_cell", gates.dtype(), [&]<class T>() {
                    lstm_backward(u.data<T>().data(), v.data<T>().data(), gates.data<T>().data(),
                                  (*c).data<T>().data(), backward.output(1).data<T>().data(),
                                  mask_data(*mask), da.mutable_data<T>().data(),
                                  dc.mutable_data<T>().data(), dc.size(0), dc.size(1));
                  });
                  Tensor dh;
                  if ((*mask).defined()) {
                    dh = where(reshape(*mask, {-1, 1}), scalar(0, u.dtype()), u);
                  }
                  return {da, da, dh, dc};
                });
}

}  // namespace weft
