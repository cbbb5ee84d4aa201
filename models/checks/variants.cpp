#include "models/checks/variants.hpp"

namespace weft::models {
namespace {

/// The list under construction; what equals the preset's own two layers is left out.
class Variants {
 public:
  explicit Variants(const std::string& preset_name) : base_(preset(preset_name)) {
    base_.layers = 2;
  }

  void readouts() {
    for (const std::int64_t layers : {1, 2}) {
      for (const std::string_view readout : names<Readout>()) {
        ModelConfig config = base_;
        config.layers = layers;
        config.readout = named<Readout>(readout);
        found_.push_back({fmt::format("layers {}, readout {}", layers, readout), config});
      }
    }
  }

  template <class F>
  void with(const std::string& change, F&& apply) {
    ModelConfig config = base_;
    apply(config);
    if (config != base_) {
      found_.push_back({"layers 2, " + change, config});
    }
  }

  std::vector<Variant> take() { return std::move(found_); }

 private:
  ModelConfig base_;
  std::vector<Variant> found_;
};

void one_direction(ModelConfig& config) { config.bidirectional = false; }

void both_directions(ModelConfig& config) {
  config.bidirectional = true;
  config.reverse_source = false;
  config.bridge = config.bridge == Bridge::last ? Bridge::dense : config.bridge;
}

void attend(ModelConfig& config, AttentionKind kind) {
  config.attention = kind;
  if (kind == AttentionKind::none) {
    config.input_feeding = false;
    return;
  }
  config.fixed_context = false;
  if (kind == AttentionKind::dot || kind == AttentionKind::scaled_dot) {
    one_direction(config);
  }
}

/// Attention of the preset's kind, or the general one.
void attend(ModelConfig& config) {
  const bool none = config.attention == AttentionKind::none;
  attend(config, none ? AttentionKind::general : config.attention);
}

}  // namespace

std::vector<Variant> variants(const std::string& preset_name) {
  Variants list(preset_name);
  list.readouts();
  for (const std::string_view name : names<Cell>()) {
    list.with(fmt::format("cell {}", name), [&](ModelConfig& c) { c.cell = named<Cell>(name); });
  }
  for (const std::string_view name : names<AttentionKind>()) {
    list.with(fmt::format("attention {}", name),
              [&](ModelConfig& c) { attend(c, named<AttentionKind>(name)); });
  }
  for (const std::string_view name : names<Bridge>()) {
    list.with(fmt::format("bridge {}", name), [&](ModelConfig& c) {
      c.bridge = named<Bridge>(name);
      c.bidirectional = c.bidirectional && c.bridge != Bridge::last;
      if (c.bridge == Bridge::zero && !c.fixed_context) {
        attend(c);
      }
    });
  }
  list.with("energy relu", [](ModelConfig& c) {
    attend(c, AttentionKind::additive);
    c.energy = Energy::relu;
  });
  list.with("query current", [](ModelConfig& c) {
    attend(c);
    c.query = Query::current;
    c.input_feeding = false;
  });
  list.with("input feeding", [](ModelConfig& c) {
    attend(c);
    c.query = Query::current;
    c.input_feeding = true;
  });
  list.with("fixed context", [](ModelConfig& c) {
    attend(c, AttentionKind::none);
    c.fixed_context = true;
  });
  list.with("both directions", both_directions);
  list.with("one direction", one_direction);
  list.with("reversed source", [](ModelConfig& c) {
    one_direction(c);
    c.reverse_source = true;
  });
  list.with("residual", [](ModelConfig& c) { c.residual = true; });
  list.with("tied embeddings", [](ModelConfig& c) {
    c.readout = Readout::deep;
    c.tie_embeddings = true;
  });
  return list.take();
}

}  // namespace weft::models
