// Checks the checker: injects bugs into the backward of every op, each kind into each op where it
// matters; check_op must find all of them and name most of them correctly. WEFT_SHOW=1 prints the
// reports of those that are named differently.

#include <fmt/format.h>

#include <map>

#include "autograd/engine.hpp"
#include "tests/autograd/gradcheck/mutation_kinds.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

using testing::Mutation;
using testing::Planted;

constexpr int kSeeds = 12;   // samples tried for each op and kind ...
constexpr int kSamples = 3;  // ... until a bug has mattered in this many

std::vector<Tensor> random_like(const std::vector<Tensor>& tensors, Generator& generator) {
  std::vector<Tensor> result;
  for (const Tensor& tensor : tensors) {
    result.push_back(randn(tensor.shape(), generator, DType::float64));
  }
  return result;
}

/// Gradients of a sample, of first or second order, for the cotangents that gradcheck draws; an
/// undefined one is zero.
std::vector<Tensor> gradients(const Sample& sample, int order, Generator& generator) {
  std::vector<Tensor> leaves;
  std::ranges::copy_if(sample.inputs, std::back_inserter(leaves), &Tensor::requires_grad);
  const std::vector<Tensor> outputs = sample.function(sample.inputs);
  std::vector<Tensor> u = random_like(outputs, generator);
  if (order == 1) {
    return grad(outputs, leaves, u, {.allow_unused = true});
  }
  std::ranges::for_each(u, [](Tensor& cotangent) { cotangent.set_requires_grad(); });
  const std::vector<Tensor> first =
      grad(outputs, leaves, u, {.create_graph = true, .allow_unused = true});
  leaves.insert(leaves.end(), u.begin(), u.end());
  std::vector<Tensor> recorded;
  std::vector<Tensor> v;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const Tensor weight = randn(leaves[i].shape(), generator, DType::float64);
    if (first[i].requires_grad()) {
      recorded.push_back(first[i]);
      v.push_back(weight);
    }
  }
  return recorded.empty() ? std::vector<Tensor>(leaves.size())
                          : grad(recorded, leaves, v, {.allow_unused = true});
}

double element(const Tensor& x, std::size_t i) { return x.defined() ? x.data<double>()[i] : 0; }

/// Whether some element differs by more than `least`.
bool differ(const std::vector<Tensor>& right, const std::vector<Tensor>& wrong, double least) {
  for (std::size_t t = 0; t < right.size(); ++t) {
    const Tensor& any = right[t].defined() ? right[t] : wrong[t];
    for (std::size_t i = 0; any.defined() && i < static_cast<std::size_t>(any.numel()); ++i) {
      const double a = element(wrong[t], i);
      const double n = element(right[t], i);
      if (!(std::abs(a - n) <= least * std::max({1.0, std::abs(a), std::abs(n)}))) {
        return true;
      }
    }
  }
  return false;
}

/// Whether the injected bug makes a gradient of this sample wrong. An Error counts.
bool matters(const Op& op, const Op& planted_in, const Mutation& mutation, std::uint64_t seed) {
  Sampler sampler(seed);
  const Sample sample = op.sample(sampler);
  const auto last = [&] {
    std::vector<Tensor> found;
    for (int pass = 0; pass < mutation.passes; ++pass) {
      Generator generator(seed + static_cast<std::uint64_t>(kSeeds * pass));
      found = gradients(sample, mutation.order, generator);
    }
    return found;
  };
  const std::vector<Tensor> right = last();
  const Planted planted(planted_in, mutation, seed);
  try {
    return differ(right, last(), mutation.least);
  } catch (const Error&) {
    return true;
  }
}

/// An op that calls the given one twice on the same inputs.
Op doubled(const Op& op) {
  return {"twice " + op.name(),
          [&op](Sampler& sampler) -> Sample {
            const Sample once = op.sample(sampler);
            return {once.inputs, [once](const std::vector<Tensor>& x) {
                      std::vector<Tensor> outputs = once.function(x);
                      std::ranges::copy(once.function(x), std::back_inserter(outputs));
                      return outputs;
                    }};
          },
          {}};
}

struct Score {
  int planted = 0;
  int caught = 0;
  int named = 0;
  int ops = 0;
  std::map<Diagnosis, int> otherwise;  ///< diagnoses that do not name the bug
  std::vector<std::string> missed;
};

void plant(const Op& op, const Op& in, const Mutation& mutation, Score& score) {
  int count = 0;
  for (std::uint64_t seed = 0; seed < kSeeds && count < kSamples; ++seed) {
    if (!matters(op, in, mutation, seed)) {
      continue;
    }
    ++count;
    ++score.planted;
    const Planted planted(in, mutation, seed);
    const OpReport report = check_op(op, 1, seed);
    if (report.failures.empty()) {
      score.missed.push_back(fmt::format("{} in {}, seed {}", mutation.name, op.name(), seed));
      continue;
    }
    ++score.caught;
    const Diagnosis diagnosis = report.diagnoses.empty() ? Diagnosis::none : report.diagnoses[0];
    if (std::ranges::find(mutation.expected, diagnosis) != mutation.expected.end()) {
      ++score.named;
    } else {
      ++score.otherwise[diagnosis];
      if (std::getenv("WEFT_SHOW") != nullptr) {
        fmt::print("{} in {}, seed {}: {}\n", mutation.name, op.name(), seed, report.failures[0]);
      }
    }
  }
  score.ops += count > 0 ? 1 : 0;
}

Score score(const Mutation& mutation) {
  Score result;
  for (const Op* op : registered_ops()) {
    if (mutation.twice) {
      plant(doubled(*op), *op, mutation, result);
    } else {
      plant(*op, *op, mutation, result);
    }
  }
  return result;
}

TEST_CASE("planted bugs are found, all of them, and named") {
  const std::vector<Mutation> kinds = testing::mutations();
  CHECK(kinds.size() >= 30);
  Score total;
  fmt::print("{:<34} {:>4} {:>8} {:>7} {:>7}  {}\n", "planted bug", "ops", "planted", "caught",
             "named", "named otherwise");
  for (const Mutation& kind : kinds) {
    const Score found = score(kind);
    std::string otherwise;
    for (const auto& [diagnosis, count] : found.otherwise) {
      otherwise += fmt::format("{} {}; ", count, name(diagnosis));
    }
    fmt::print("{:<34} {:>4} {:>8} {:>7} {:>7}  {}\n", kind.name, found.ops, found.planted,
               found.caught, found.named, otherwise);
    CAPTURE(kind.name, found.missed);
    CHECK(found.planted > 0);
    CHECK(found.caught == found.planted);
    CHECK(found.named >= 0.75 * found.planted);
    total.planted += found.planted;
    total.caught += found.caught;
    total.named += found.named;
  }
  fmt::print("{} bugs planted, {} caught, {} named rightly ({:.1f} %)\n", total.planted,
             total.caught, total.named, 100.0 * total.named / total.planted);
  CHECK(total.caught == total.planted);
  CHECK(total.named >= 0.9 * total.planted);
}

}  // namespace
}  // namespace weft
