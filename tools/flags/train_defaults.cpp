#include "tools/flags/train_defaults.hpp"

#include "models/config.hpp"

namespace weft::tools {

FlagValues preset_defaults(const std::string& preset) {
  const models::ModelConfig config = models::preset(preset);
  return {{"cell", models::name(config.cell)},
          {"layers", config.layers},
          {"bidirectional", config.bidirectional},
          {"reverse-source", config.reverse_source},
          {"residual", config.residual},
          {"emb", config.emb},
          {"hidden", config.hidden},
          {"dropout", config.dropout},
          {"bridge", models::name(config.bridge)},
          {"attention", models::name(config.attention)},
          {"energy", models::name(config.energy)},
          {"query", models::name(config.query)},
          {"input-feeding", config.input_feeding},
          {"fixed-context", config.fixed_context},
          {"readout", models::name(config.readout)},
          {"tie-embeddings", config.tie_embeddings}};
}

FlagValues tokenizer_defaults(const std::string& tokenizer) {
  if (tokenizer == "char") {
    return {{"max-length", 500}};  // about a hundred words
  }
  if (tokenizer == "spm") {
    return {{"vocab-size", 8000}, {"joint-vocab", true}, {"max-length", 200}};
  }
  return {};
}

FlagValues task_defaults(const std::string& task) {
  if (task == "en-fr") {
    // About two minutes on two cores.
    return {{"emb", 64},   {"hidden", 128},        {"dropout", 0.1}, {"batch", 32},
            {"epochs", 9}, {"schedule", "cosine"}, {"lr", 4e-3},     {"warmup", 200}};
  }
  if (task.empty()) {
    return {};
  }
  // The others: one and a half to four minutes on one core.
  FlagValues values = {{"readout", "state"},   {"emb", 64},  {"hidden", 128}, {"batch", 32},
                       {"schedule", "cosine"}, {"lr", 3e-3}, {"warmup", 200}};
  const bool letters = task == "addition" || task == "dates";
  values.emplace_back("tokenizer", letters ? "char" : "word");
  values.emplace_back("epochs", task == "dates" ? 3 : task == "copy" ? 4 : letters ? 5 : 6);
  return values;
}

FlagValues optimizer_defaults(const std::string& optimizer) {
  if (optimizer == "adagrad") {
    return {{"lr", 0.01}};
  }
  if (optimizer == "adadelta") {
    return {{"lr", 1.0}};
  }
  return {};
}

}  // namespace weft::tools
