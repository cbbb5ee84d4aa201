#include "models/checks/leakcheck.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "autograd/engine.hpp"
#include "autograd/tape.hpp"
#include "data/text/vocabulary.hpp"
#include "models/registry.hpp"
#include "models/search/decode.hpp"

namespace weft::models {
namespace {

using Lengths = std::array<std::int64_t, 4>;
constexpr Lengths kSourceLengths = {6, 4, 3, 1};
constexpr Lengths kTargetLengths = {3, 5, 2, 4};  // with <bos> or <eos>
const std::int64_t B = 4;
const std::int64_t S = 6;
const std::int64_t T = 5;
constexpr std::int64_t kPaddingA = data::kSpecials + S * B;  // first tokens of two kinds of padding
constexpr std::int64_t kPaddingB = kPaddingA + S * B;
constexpr double kRounding = 1e-5;  // of outputs near 1 in float32, summed in another order

/// The token at position i of sentence b, which occurs nowhere else.
std::int64_t token_at(std::int64_t i, std::int64_t b) { return data::kSpecials + i * B + b; }

/// Tokens [length, B], a different one at each position; those of the padding start at
/// `first_padding`.
Tensor tokens(std::int64_t length, const Lengths& lengths, std::int64_t first_padding) {
  Tensor ids = empty({length, B}, DType::int64);
  const std::span<std::int64_t> id = ids.mutable_data<std::int64_t>();
  for (std::int64_t i = 0; i < length; ++i) {
    for (std::int64_t b = 0; b < B; ++b) {
      id[static_cast<std::size_t>(i * B + b)] =
          i < lengths.at(static_cast<std::size_t>(b)) ? token_at(i, b) : first_padding + i * B + b;
    }
  }
  return ids;
}

bool is_real(const Lengths& lengths, std::int64_t i, std::int64_t b) {
  return i < lengths.at(static_cast<std::size_t>(b));
}

/// Random frames [S, B, F]; the padding frames depend on `first_padding`.
Tensor frames(std::int64_t F, std::int64_t first_padding) {
  Generator of_padding(static_cast<std::uint64_t>(first_padding));
  Generator of_sources(1);
  const Tensor padding = randn({S, B, F}, of_padding);
  Tensor values = randn({S, B, F}, of_sources);
  for (std::int64_t place = 0; place < S * B; ++place) {
    if (!is_real(kSourceLengths, place / B, place % B)) {
      const auto begin = static_cast<std::size_t>(place * F);
      std::ranges::copy(padding.data<float>().subspan(begin, static_cast<std::size_t>(F)),
                        values.mutable_data<float>().begin() + place * F);
    }
  }
  return values;
}

/// A batch for the model. Its padding holds tokens from `first_padding` on, or frames that depend
/// on it, and the loss ignores predictions there.
data::Batch make_batch(const Seq2Seq& model, std::int64_t first_padding) {
  const std::int64_t F = model.config().source_features;
  data::Batch batch;
  batch.source = F > 0 ? frames(F, first_padding) : tokens(S, kSourceLengths, first_padding);
  batch.source_lengths = tensor(std::span<const std::int64_t>(kSourceLengths), {B});
  batch.target_in = tokens(T, kTargetLengths, first_padding);
  batch.target_out = tokens(T, kTargetLengths, first_padding);
  for (std::int64_t& id : batch.target_out.mutable_data<std::int64_t>()) {
    id = id >= first_padding ? data::kPad : id;
  }
  return batch;
}

/// The model's parameter with this name; undefined if there is none.
Tensor parameter(const Seq2Seq& model, const std::string& name) {
  for (const auto& [own, tensor] : model.named_parameters()) {
    if (own == name) {
      return tensor;
    }
  }
  return {};
}

/// The tensors whose gradients show what an output depends on: an embedding table, in which each
/// position of the batch has its own row, or the frames themselves, [S, B, F].
struct Leaves {
  Tensor source;
  Tensor target;  ///< undefined for a model that embeds no target
};

/// Makes the frames of the batch a leaf.
Leaves leaves_of(const Seq2Seq& model, data::Batch& batch) {
  const Tensor target = parameter(model, "target_embedding.weight");
  if (is_floating(batch.source.dtype())) {
    return {batch.source.set_requires_grad(), target};
  }
  const Tensor table = parameter(model, "source_embedding.weight");
  if (!table.defined()) {
    fail("leakcheck: the model has no parameter source_embedding.weight, and its source is tokens");
  }
  return {table, target};
}

/// The gradients of `loss` with respect to them; zero for one that it does not depend on.
Leaves gradients(const Tensor& loss, const Leaves& leaves) {
  const auto to = [&](const Tensor& leaf) {
    if (!leaf.defined()) {
      return leaf;
    }
    const Tensor found = grad({loss}, {leaf}, {}, {.retain_graph = true, .allow_unused = true})[0];
    return found.defined() ? found : zeros_like(leaf);
  };
  return {to(leaves.source), to(leaves.target)};
}

/// Whether the gradient at position i of sentence b is nonzero.
bool touches(const Tensor& gradient, std::int64_t i, std::int64_t b, bool real) {
  const bool of_frames = gradient.dim() == 3;
  const Tensor values = of_frames
                            ? narrow(narrow(gradient, 0, i, 1), 1, b, 1)
                            : narrow(gradient, 0, real ? token_at(i, b) : kPaddingA + i * B + b, 1);
  return std::ranges::any_of(values.data<float>(), [](float x) { return x != 0; });
}

/// Counts the gradients that must be zero, and the nonzero ones among those that must not be.
class Tally {
 public:
  explicit Tally(std::string check) : check_(std::move(check)) {}

  void must_be_zero(bool nonzero, const std::string& what) {
    ++zeros_;
    if (nonzero && leak_.empty()) {
      leak_ = what;
    }
  }
  void must_be_alive(bool nonzero) { alive_ += nonzero ? 1 : 0; }

  LeakReport::Row row() const {
    if (!leak_.empty()) {
      return {check_, leak_, false};
    }
    if (alive_ == 0) {
      return {check_, "no nonzero gradients: the check proves nothing", false};
    }
    return {check_, fmt::format("{} zeros, {} gradients that are not", zeros_, alive_), true};
  }

 private:
  std::string check_;
  std::string leak_;
  std::int64_t zeros_ = 0;
  std::int64_t alive_ = 0;
};

/// Position (t, b) of a tensor [T, B, V]: [1, 1, V].
Tensor output_at(const Tensor& x, std::int64_t t, std::int64_t b) {
  return narrow(narrow(x, 0, t, 1), 1, b, 1);
}

/// The properties for which the gradients of all outputs are checked.
struct Tallies {
  Tally future{"future"};
  Tally neighbors{"neighbors"};
  Tally padding{"padding"};
};

std::string describe(std::int64_t t, std::int64_t b, const char* side, std::int64_t i,
                     std::int64_t other) {
  return fmt::format("output {} of sentence {} reads {} {} of sentence {}", t, b, side, i, other);
}

/// Checks the gradient of output t of sentence b at every target position.
void check_target(const Tensor& gradient, std::int64_t t, std::int64_t b, Tallies& tallies) {
  for (std::int64_t other = 0; other < B; ++other) {
    for (std::int64_t i = 0; i < T; ++i) {
      const bool real = is_real(kTargetLengths, i, other);
      const bool nonzero = touches(gradient, i, other, real);
      if (real && other == b && i <= t) {
        tallies.future.must_be_alive(nonzero);
        continue;
      }
      Tally& tally = !real ? tallies.padding : other != b ? tallies.neighbors : tallies.future;
      tally.must_be_zero(nonzero, describe(t, b, "target", i, other));
    }
  }
}

/// Checks the gradient of output t of sentence b at every source position.
void check_source(const Tensor& gradient, std::int64_t t, std::int64_t b, Tallies& tallies) {
  for (std::int64_t other = 0; other < B; ++other) {
    for (std::int64_t i = 0; i < S; ++i) {
      const bool real = is_real(kSourceLengths, i, other);
      const bool nonzero = touches(gradient, i, other, real);
      if (real && other == b) {
        tallies.neighbors.must_be_alive(nonzero);
        tallies.padding.must_be_alive(nonzero);
        continue;
      }
      Tally& tally = real ? tallies.neighbors : tallies.padding;
      tally.must_be_zero(nonzero, describe(t, b, "source", i, other));
    }
  }
}

/// For a model that embeds no target: other target tokens after step t change no bit of output t.
LeakReport::Row check_future(const Seq2Seq& model) {
  const NoGradGuard guard;
  const data::Batch batch = make_batch(model, kPaddingA);
  const Tensor logits = model.forward(batch);  // [T, B, V]
  Tally tally("future");
  for (std::int64_t t = 0; t + 1 < T; ++t) {
    data::Batch other = batch;
    const Tensor later = narrow(tokens(T, kTargetLengths, kPaddingA), 0, t + 1, T - t - 1);
    other.target_in = cat({narrow(batch.target_in, 0, 0, t + 1), flip(later, 1)}, 0);
    const Tensor changed = model.forward(other);
    tally.must_be_zero(!identical(narrow(changed, 0, 0, t + 1), narrow(logits, 0, 0, t + 1)),
                       fmt::format("outputs up to {} read targets after it", t));
    tally.must_be_alive(!identical(changed, logits));
  }
  return tally.row();
}

/// Computes one gradient of every output that the loss counts, with a random cotangent.
LeakReport check_gradients(const Seq2Seq& model) {
  data::Batch batch = make_batch(model, kPaddingA);
  const Leaves leaves = leaves_of(model, batch);
  const Tensor logits = model.forward(batch);  // [T, B, V]
  Generator generator(0);
  const Tensor weighted = logits * randn(logits.shape(), generator);
  Tallies tallies;
  for (std::int64_t t = 0; t < T; ++t) {
    for (std::int64_t b = 0; b < B; ++b) {
      if (is_real(kTargetLengths, t, b)) {
        const Leaves seen = gradients(sum(output_at(weighted, t, b)), leaves);
        if (seen.target.defined()) {
          check_target(seen.target, t, b, tallies);
        }
        check_source(seen.source, t, b, tallies);
      }
    }
  }
  return {{leaves.target.defined() ? tallies.future.row() : check_future(model),
           tallies.neighbors.row(), tallies.padding.row()}};
}

/// Everything that the model computes from the real part of a batch: outputs, gradients of the
/// parameters that do not belong to a single token, and translations.
struct Outcome {
  std::vector<Tensor> tensors;
  std::vector<std::vector<std::int64_t>> translations;
};

Outcome outcome(const Seq2Seq& model, std::int64_t first_padding) {
  const data::Batch batch = make_batch(model, first_padding);
  const Tensor logits = model.forward(batch);
  Outcome result;
  for (std::int64_t t = 0; t < T; ++t) {
    for (std::int64_t b = 0; b < B; ++b) {
      if (is_real(kTargetLengths, t, b)) {
        result.tensors.push_back(output_at(logits, t, b).clone());
      }
    }
  }
  std::vector<Tensor> wanted;
  for (const auto& [name, tensor] : model.named_parameters()) {
    if (!name.ends_with("embedding.weight")) {
      wanted.push_back(tensor);
    }
  }
  for (const Tensor& gradient : grad({model.loss(batch)}, wanted)) {
    result.tensors.push_back(gradient);
  }
  result.translations =
      greedy(model, {.source = batch.source, .source_lengths = batch.source_lengths});
  return result;
}

LeakReport::Row check_content(const Seq2Seq& model) {
  const Outcome a = outcome(model, kPaddingA);
  const Outcome b = outcome(model, kPaddingB);
  const auto different = static_cast<std::size_t>(std::distance(
      a.tensors.begin(),
      std::ranges::mismatch(a.tensors, b.tensors, [](const Tensor& x, const Tensor& y) {
        return identical(x, y);
      }).in1));
  if (different < a.tensors.size()) {
    return {"content", fmt::format("tensor {} changes with the content of padding", different),
            false};
  }
  if (a.translations != b.translations) {
    return {"content", "a translation depends on the content of padding", false};
  }
  return {"content",
          fmt::format("{} tensors and {} translations bit for bit equal", a.tensors.size(),
                      a.translations.size()),
          true};
}

/// Sentence b of a batch without its padding.
data::Batch alone(const data::Batch& batch, std::int64_t b) {
  const auto column = [b](const Tensor& x, const Lengths& lengths) {
    return narrow(narrow(x, 0, 0, lengths.at(static_cast<std::size_t>(b))), 1, b, 1);
  };
  data::Batch one;
  one.source = column(batch.source, kSourceLengths);
  one.source_lengths = narrow(batch.source_lengths, 0, b, 1);
  one.target_in = column(batch.target_in, kTargetLengths);
  return one;
}

LeakReport::Row check_amount(const Seq2Seq& model) {
  const NoGradGuard guard;
  const data::Batch batch = make_batch(model, kPaddingA);
  const Tensor together = model.forward(batch);  // [T, B, V]
  double difference = 0;
  for (std::int64_t b = 0; b < B; ++b) {
    const Tensor own = model.forward(alone(batch, b));  // [its T, 1, its V]
    const Tensor part = narrow(narrow(together, 0, 0, own.size(0)), 1, b, 1);
    const Tensor distance = narrow(part, 2, 0, own.size(2)) - own;
    for (const float x : distance.data<float>()) {
      difference = std::max(difference, std::abs(static_cast<double>(x)));
    }
  }
  return {"amount", fmt::format("outputs with padding and without differ by {:.1e}", difference),
          difference <= kRounding};
}

}  // namespace

bool LeakReport::ok() const { return std::ranges::all_of(rows, &Row::ok) && !rows.empty(); }

std::int64_t leakcheck_vocab() { return kPaddingB + S * B; }

LeakReport leakcheck(const Seq2Seq& model) {
  LeakReport report = check_gradients(model);
  report.rows.push_back(check_content(model));
  report.rows.push_back(check_amount(model));
  return report;
}

std::vector<VariantLeaks> leakcheck_variants(const std::string& preset_name) {
  std::vector<VariantLeaks> all;
  const Generator before = default_generator();
  for (Variant& variant : variants(preset_name)) {
    if (variant.tied) {
      continue;
    }
    variant.config->source_vocab = variant.config->target_vocab = leakcheck_vocab();
    resize(*variant.config, [size = std::int64_t{5}]() mutable { return size++; });
    manual_seed(1);
    all.push_back({variant.name, leakcheck(*make_model(*variant.config))});
  }
  default_generator() = before;
  return all;
}

}  // namespace weft::models
