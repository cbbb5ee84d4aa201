#include "tools/flags/train_defaults.hpp"

namespace weft::tools {

FlagValues tokenizer_defaults(data::TokenizerKind kind) {
  if (kind == data::TokenizerKind::character) {
    return {{"max-length", 500}};  // about a hundred words
  }
  if (kind == data::TokenizerKind::subword) {
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
  // The other tasks take one and a half to four minutes on one core.
  FlagValues values = {{"readout", "state"},   {"emb", 64},  {"hidden", 128}, {"batch", 32},
                       {"schedule", "cosine"}, {"lr", 3e-3}, {"warmup", 200}};
  const bool letters = task == "addition" || task == "dates";
  values.emplace_back("tokenizer", letters ? "char" : "word");
  values.emplace_back("epochs", task == "dates" ? 3 : task == "copy" ? 4 : letters ? 5 : 6);
  return values;
}

FlagValues preset_defaults(const std::string& preset, const std::string& task) {
  if (preset != "vaswani2017") {
    return {};
  }
  if (task.empty()) {  // without warm-up, six layers with post-norm learn nothing (section 5.3)
    return {{"schedule", "inverse_sqrt"}, {"lr", 5e-4}, {"warmup", 1000}, {"label-smoothing", 0.1}};
  }
  return {{"layers", 2}, {"heads", 4}, {"ffn", 256}, {"lr", 2e-3}, {"warmup", 400}};
}

FlagValues optimizer_defaults(models::OptimizerKind optimizer) {
  if (optimizer == models::OptimizerKind::adagrad) {
    return {{"lr", 0.01}};
  }
  if (optimizer == models::OptimizerKind::adadelta) {
    return {{"lr", 1.0}};
  }
  return {};
}

}  // namespace weft::tools
