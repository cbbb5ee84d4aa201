#include "models/rnn_config.hpp"
#include "models/rnn_family.hpp"

namespace weft::models {
namespace {

/// The list under construction. Changes that leave the preset with two layers as it is are skipped.
class Variants {
 public:
  explicit Variants(std::string_view preset_name) : base_(rnn_preset(preset_name)) {
    base_.layers = 2;
  }

  void readouts() {
    for (const std::int64_t layers : {1, 2}) {
      for (const Readout readout : values<Readout>()) {
        RnnConfig config = base_;
        config.layers = layers;
        config.readout = readout;
        add(fmt::format("layers {}, readout {}", layers, name(readout)), config);
      }
    }
  }

  template <class F>
  void with(const std::string& change, F&& apply) {
    RnnConfig config = base_;
    apply(config);
    if (config != base_) {
      add("layers 2, " + change, config);
    }
  }

  std::vector<Variant> take() { return std::move(found_); }

 private:
  void add(std::string name, const RnnConfig& config) {
    found_.push_back({std::move(name), config.clone(), config.tie_embeddings});
  }

  RnnConfig base_;
  std::vector<Variant> found_;
};

void one_direction(RnnConfig& config) { config.bidirectional = false; }

void both_directions(RnnConfig& config) {
  config.bidirectional = true;
  config.reverse_source = false;
  config.bridge = config.bridge == Bridge::last ? Bridge::dense : config.bridge;
}

void attend(RnnConfig& config, AttentionKind kind) {
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

/// Attention of the preset's kind, or `general` if it has none.
void attend(RnnConfig& config) {
  const bool none = config.attention == AttentionKind::none;
  attend(config, none ? AttentionKind::general : config.attention);
}

}  // namespace

std::vector<Variant> rnn_variants(std::string_view preset_name) {
  Variants list(preset_name);
  list.readouts();
  for (const Cell cell : values<Cell>()) {
    list.with(fmt::format("cell {}", name(cell)), [cell](RnnConfig& c) { c.cell = cell; });
  }
  for (const AttentionKind kind : values<AttentionKind>()) {
    list.with(fmt::format("attention {}", name(kind)), [kind](RnnConfig& c) { attend(c, kind); });
  }
  for (const Bridge bridge : values<Bridge>()) {
    list.with(fmt::format("bridge {}", name(bridge)), [bridge](RnnConfig& c) {
      c.bridge = bridge;
      c.bidirectional = c.bidirectional && c.bridge != Bridge::last;
      if (c.bridge == Bridge::zero && !c.fixed_context) {
        attend(c);
      }
    });
  }
  list.with("energy relu", [](RnnConfig& c) {
    attend(c, AttentionKind::additive);
    c.energy = Energy::relu;
  });
  list.with("query current", [](RnnConfig& c) {
    attend(c);
    c.query = Query::current;
    c.input_feeding = false;
  });
  list.with("input feeding", [](RnnConfig& c) {
    attend(c);
    c.query = Query::current;
    c.input_feeding = true;
  });
  list.with("fixed context", [](RnnConfig& c) {
    attend(c, AttentionKind::none);
    c.fixed_context = true;
  });
  list.with("both directions", both_directions);
  list.with("one direction", one_direction);
  list.with("reversed source", [](RnnConfig& c) {
    one_direction(c);
    c.reverse_source = true;
  });
  list.with("residual", [](RnnConfig& c) { c.residual = true; });
  list.with("tied embeddings", [](RnnConfig& c) {
    c.readout = Readout::deep;
    c.tie_embeddings = true;
  });
  list.with("frames", [](RnnConfig& c) { c.source_features = 3; });
  return list.take();
}

}  // namespace weft::models
