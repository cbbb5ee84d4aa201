#pragma once

#include <memory>

#include "tests/autograd/gradcheck/mutation.hpp"

/// The kinds of bugs, each with the diagnoses that describe it: where a gradient is small, or was
/// summed over the dimensions it was broadcast to, some kinds are the same bug.
namespace weft::testing {

using D = Diagnosis;

/// Wrong in the same way in every element.
inline std::vector<Mutation> wrong_values() {
  const auto scaled_by_size = [](const Tensor& g, const Victim&, std::size_t) {
    return g * static_cast<double>(g.numel() + 1);
  };
  const auto first_not_a_number = [](Elements& g, const Shape&) {
    std::ranges::fill_n(g.begin(), g.empty() ? 0 : 1, std::nan(""));
  };
  return {
      {"factor 2", {D::factor}, each([](double g) { return 2 * g; })},
      {"factor 1/2", {D::factor, D::broadcast_sum}, each([](double g) { return g / 2; })},
      {"factor 1.01", {D::factor}, each([](double g) { return 1.01 * g; })},
      {"scaled by the size", {D::factor}, gradient(scaled_by_size)},
      {"sign", {D::sign}, each([](double g) { return -g; })},
      {"zero", {D::zero, D::not_accumulated}, each([](double) { return 0.0; })},
      {"undefined",
       {D::zero, D::not_accumulated},
       gradient([](const Tensor&, const Victim&, std::size_t) { return Tensor(); })},
      {"offset", {D::offset}, each([](double g) { return g + 0.1; })},
      {"absolute value", {D::function}, each([](double g) { return std::abs(g); })},
      {"square", {D::function}, each([](double g) { return g * g; })},
      {"cut off", {D::function}, each([](double g) { return std::clamp(g, -0.3, 0.3); })},
      {"as if by relu", {D::function}, each([](double g) { return std::max(g, 0.0); })},
      {"not a number", {D::not_a_number}, elements(first_not_a_number)},
      {.name = "float32",
       .expected = {D::float32},
       .plant = each([](double g) { return static_cast<float>(g); }),
       .least = 1e-9},
  };
}

/// Correct numbers in wrong places.
inline std::vector<Mutation> wrong_places() {
  const auto permuted = [](Elements& g, const Shape&) {
    for (std::size_t i = 1; i < g.size(); ++i) {
      std::swap(g[i], g[i * 7919 % (i + 1)]);
    }
  };
  const auto shape_transposed = [](const Tensor& g, const Victim&, std::size_t) {
    return g.dim() < 2 ? g : transpose(g, -1, -2);
  };
  const auto ends_exchanged = [](const Tensor& g, const Victim&, std::size_t) {
    return g.dim() < 3 ? g : reshape(transpose(g, 0, -1), g.shape());
  };
  const auto inputs_exchanged = [](Victim& victim) {
    Gradients gradients = victim.right();
    const std::size_t input = chosen(victim, gradients);
    for (std::size_t other = 0; other < gradients.size(); ++other) {
      if (other != input && gradients[other].defined() && victim.given.needs(other)) {
        std::swap(gradients[input], gradients[other]);
        break;
      }
    }
    return gradients;
  };
  return {
      {"transposed",
       {D::transposed, D::misplaced},
       gradient([](const Tensor& g, const Victim&, std::size_t) { return transposed_inside(g); })},
      {"shape transposed", {D::transposed, D::misplaced}, gradient(shape_transposed)},
      {"outer dimensions exchanged", {D::transposed, D::misplaced}, gradient(ends_exchanged)},
      {"reversed", {D::misplaced, D::transposed}, elements([](Elements& g, const Shape&) {
         std::ranges::reverse(g);
       })},
      {"shifted by one", {D::misplaced, D::transposed}, elements([](Elements& g, const Shape&) {
         g = rolled(g, 1);
       })},
      {"permuted", {D::misplaced, D::transposed}, elements(permuted)},
      {"inputs exchanged", {D::exchanged}, inputs_exchanged},
  };
}

/// Wrong in some elements, or for some inputs.
inline std::vector<Mutation> wrong_parts() {
  const auto without = [](std::int64_t dim, std::int64_t index) {
    return gradient([=](const Tensor& g, const Victim&, std::size_t) {
      return g.dim() == 0 || g.size(dim) < 2 ? g : without_slice(g, dim, index);
    });
  };
  const auto one_element = [](Elements& g, const Shape&) {
    if (g.size() > 1) {
      g[g.size() / 2] *= 1.5;
    }
  };
  const auto when_a_size_is = [](std::int64_t size, double factor) {
    return gradient([=](const Tensor& g, const Victim& victim, std::size_t) {
      const bool found = std::ranges::any_of(victim.node.inputs, [&](const Node::Meta& input) {
        return std::ranges::find(input.shape, size) != input.shape.end();
      });
      return found ? g * factor : g;
    });
  };
  const std::vector<D> places = {D::slice, D::one_element};
  const std::vector<D> values = {D::some_values, D::one_element, D::slice, D::zero};
  return {
      {"one element", {D::one_element, D::slice}, elements(one_element)},
      {"first row missing", places, without(0, 0)},
      {"last row missing", places, without(0, -1)},
      {"first column missing", places, without(-1, 0)},
      {"last column missing", places, without(-1, -1)},
      {"zero for negative inputs", values, zero_where([](double x) { return x < 0; })},
      {"zero for large inputs", values, zero_where([](double x) { return std::abs(x) > 1; })},
      {"twice where a dimension is 1", {D::factor}, when_a_size_is(1, 2)},
      {"sign where an input is empty", {D::sign}, when_a_size_is(0, -1)},
  };
}

/// Sums that are missing or superfluous.
inline std::vector<Mutation> wrong_sums() {
  const auto over_first = [](auto reduce) {
    return gradient([reduce](const Tensor& g, const Victim&, std::size_t) {
      return g.dim() == 0 || g.size(0) == 0 ? g : expand(reduce(g), g.shape());
    });
  };
  const auto sum_over_batch = [](const Tensor& g) { return sum(g, {0}, true); };
  const auto mean_over_batch = [](const Tensor& g) { return mean(g, {0}, true); };
  const auto mean_of_broadcast = [](const Tensor& g, const Victim& victim, std::size_t input) {
    const std::int64_t size = numel(victim.node.inputs[input].shape);
    return size == 0 ? g : g * (static_cast<double>(size) / static_cast<double>(g.numel()));
  };
  const auto first_of_broadcast = [](const Tensor& g, const Victim& victim, std::size_t input) {
    const Shape& shape = victim.node.inputs[input].shape;
    Tensor part = g;
    while (part.dim() > std::ssize(shape) && part.size(0) > 0) {
      part = reshape(narrow(part, 0, 0, 1), {part.shape().begin() + 1, part.shape().end()});
    }
    for (std::int64_t d = 0; part.dim() == std::ssize(shape) && d < part.dim(); ++d) {
      part = shape[static_cast<std::size_t>(d)] == 1 && part.size(d) > 1 ? narrow(part, d, 0, 1)
                                                                         : part;
    }
    return part;
  };
  const auto one_use_only = [uses = 0](Victim& victim) mutable {
    return uses++ % 2 == 0 ? victim.right() : Gradients(victim.node.edges.size());
  };
  return {
      {"summed over the batch", {D::extra_sum, D::factor}, over_first(sum_over_batch)},
      {"averaged over the batch", {D::extra_sum}, over_first(mean_over_batch)},
      {"mean of a broadcast", {D::broadcast_sum, D::factor}, gradient(mean_of_broadcast)},
      {"first of a broadcast", {D::broadcast_sum}, gradient(first_of_broadcast)},
      {.name = "one of two uses",
       .expected = {D::not_accumulated},
       .plant = one_use_only,
       .twice = true},
  };
}

/// The incoming gradient is not used as it should be.
inline std::vector<Mutation> wrong_cotangents() {
  using Grads = std::vector<Tensor>;
  const auto without = [](bool last) {
    return cotangents([last](Grads& grads) {
      if (grads.size() > 1) {
        (last ? grads.back() : grads.front()) = zeros_like(last ? grads.back() : grads.front());
      }
    });
  };
  const auto of_last_call = [last = std::make_shared<Gradients>()](Victim& victim) {
    Gradients gradients = victim.right();
    const std::size_t input = chosen(victim, gradients);
    if (input == gradients.size()) {
      return gradients;
    }
    last->resize(std::max(last->size(), gradients.size()));
    std::swap((*last)[input], gradients[input]);
    const Gradient& now = (*last)[input];
    if (!gradients[input].defined() || gradients[input].shape() != now.shape() ||
        gradients[input].dtype() != now.dtype()) {
      gradients[input] = now;
    }
    return gradients;
  };
  const auto noise = [generator = std::make_shared<Generator>(1)](double g) {
    return g * (1 + 0.1 * generator->uniform());
  };
  return {
      {"cotangent of ones", {D::ignores_cotangent}, cotangents([](Grads& grads) {
         std::ranges::transform(grads, grads.begin(), [](const Tensor& g) {
           return g.defined() ? full(g.shape(), 1, g.dtype()) : g;
         });
       })},
      {"cotangent transposed", {D::transposed, D::misplaced}, cotangents([](Grads& grads) {
         grads[0] = transposed_inside(grads[0]);
       })},
      {"first output left out", {D::ignores_output, D::slice}, without(false)},
      {"last output left out", {D::ignores_output, D::slice}, without(true)},
      {.name = "of the last call",
       .expected = {D::not_deterministic},
       .plant = of_last_call,
       .passes = 2},
      {"noise", {D::not_deterministic}, each(noise)},
  };
}

/// Correct in first order only.
inline std::vector<Mutation> wrong_second_order() {
  const auto under_create_graph = [](const std::function<Tensor(const Tensor&)>& change) {
    return gradient([change](const Tensor& g, const Victim&, std::size_t) {
      return grad_enabled() ? change(g) : g;
    });
  };
  const auto detach = [](std::vector<Tensor>& grads) {
    std::ranges::transform(grads, grads.begin(), [](const Tensor& g) {
      return grad_enabled() && g.defined() ? g.detach() : g;
    });
  };
  std::vector<Mutation> kinds = {
      {"detached under create_graph", {D::create_graph}, under_create_graph([](const Tensor& g) {
         return g.detach();
       })},
      {"half detached under create_graph",
       {D::create_graph},
       under_create_graph([](const Tensor& g) { return g * 0.5 + g.detach() * 0.5; })},
      {"twice under create_graph", {D::create_graph}, under_create_graph([](const Tensor& g) {
         return g * 2.0;
       })},
      {"cotangent detached", {D::create_graph}, cotangents(detach)},
  };
  std::ranges::for_each(kinds, [](Mutation& kind) { kind.order = 2; });
  return kinds;
}

inline std::vector<Mutation> mutations() {
  std::vector<Mutation> all;
  for (const std::vector<Mutation>& family :
       {wrong_values(), wrong_places(), wrong_parts(), wrong_sums(), wrong_cotangents(),
        wrong_second_order()}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  return all;
}

}  // namespace weft::testing
