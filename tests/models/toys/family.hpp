#pragma once

#include <limits>

#include "autograd/ops.hpp"
#include "models/registry.hpp"
#include "models/source_memory.hpp"

// What the toy models of the tests share: a configuration with one size, a session that keeps
// tensors, and a family for the registry.
namespace weft::models::toys {

inline constexpr double kNever = -std::numeric_limits<double>::infinity();

struct ToyConfig : FamilyConfig<ToyConfig> {
  std::int64_t size = data::option(&size, "size", 24, {1, 512}, "of embeddings and states");
  void check() const override {}
};

/// A session that keeps tensors of its sources [S, B, ...] and of its rows [N, ...].
class ToySession : public Session {
 public:
  ToySession(std::vector<Tensor> sources, std::vector<Tensor> state)
      : memory_(std::move(sources), state[0].size(0)), state_(std::move(state)) {}

  void select(const Tensor& rows) override {
    memory_.select(rows);
    for (Tensor& part : state_) {
      part = index_select(part, 0, rows);
    }
  }
  void join(std::unique_ptr<Session> other) override {
    auto& guests = dynamic_cast<ToySession&>(*other);
    memory_.join(guests.memory_);
    for (std::size_t i = 0; i < state_.size(); ++i) {
      state_[i] = cat({state_[i], guests.state_[i]}, 0);
    }
  }

 protected:
  /// Tensor i of the state at s, [N, 1].
  Tensor at(std::size_t i, std::size_t s) const {
    return narrow(state_[i], 1, static_cast<std::int64_t>(s), 1);
  }
  /// Part i of the sources for each row, [S, N, ...].
  Tensor of_rows(std::size_t i) const {
    const Tensor& rows = memory_.rows();
    return rows.defined() ? index_select(memory_[i], 1, rows) : memory_[i];
  }

  SourceMemory memory_;
  std::vector<Tensor> state_;
};

/// ids [N] -> [N, V], 1 at each id.
inline Tensor one_hot(const Tensor& ids, std::int64_t V) {
  return scatter_add(zeros({ids.size(0), V}), 1, reshape(ids, {-1, 1}), ones({ids.size(0), 1}));
}

/// The entry in the registry: a family with one preset.
template <class Model>
Family toy_family(std::string_view preset) {
  const auto config = [](std::string_view name) {
    auto made = std::make_unique<ToyConfig>();
    made->preset = name;
    return made;
  };
  return {
      .name = std::string(preset),
      .presets = {preset},
      .config = config,
      .make =
          [](const ModelConfig& c) {
            return std::make_unique<Model>(dynamic_cast<const ToyConfig&>(c));
          },
      .key_shapes = [](const ModelConfig&) { return std::vector<std::pair<std::string, Shape>>(); },
      .variants =
          [config](std::string_view name) {
            std::vector<Variant> all;
            all.push_back({.name = "as it is", .config = config(name)});
            return all;
          },
      .resize = [](ModelConfig& c,
                   const SizeSource& size) { dynamic_cast<ToyConfig&>(c).size = size(); },
  };
}

}  // namespace weft::models::toys
