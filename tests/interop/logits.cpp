// What weft computes, for compare.py to compare with PyTorch:
//
//     interop_logits logits MODEL_DIR IDS.txt [WEIGHTS.safetensors] OUT.safetensors
//     interop_logits gru IN.safetensors OUT.safetensors
//
// `logits` reads pairs of lines, the ids of a source and of its target, and writes the logits
// [T, B, V] under teacher forcing, with other weights than the model's if they are given. `gru`
// reads the state_dict of a PyTorch GRU, its names under `state.`, an input `x` [T, B, I] and its
// `lengths` [B], and writes `output` and `h_n`.

#include <cstdio>
#include <exception>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "autograd/tape.hpp"
#include "models/translation/translator.hpp"
#include "nn/safetensors.hpp"
#include "tests/interop/pytorch_gru.hpp"

namespace weft::interop {
namespace {

using Ids = std::vector<std::int64_t>;

void write(const std::string& path, const nn::NamedTensors& tensors) {
  nn::File file = nn::File::create(path);
  nn::write_safetensors(file, tensors);
  file.close();
}

Ids parse_ids(const std::string& line) {
  std::istringstream words(line);
  Ids ids;
  for (std::int64_t id = 0; words >> id;) {
    ids.push_back(id);
  }
  return ids;
}

std::vector<data::SentencePair> read_pairs(const std::string& path) {
  std::ifstream file(path);
  std::vector<data::SentencePair> pairs;
  std::string source;
  std::string target;
  while (std::getline(file, source) && std::getline(file, target)) {
    pairs.push_back({parse_ids(source), parse_ids(target)});
  }
  return pairs;
}

void write_logits(const std::string& model_path, const std::string& ids_path,
                  const std::string& weights_path, const std::string& out_path) {
  const models::Translator translator = models::Translator::load(model_path);
  if (!weights_path.empty()) {
    translator.model->load_state(nn::read_safetensors(weights_path).tensors);
  }
  const std::vector<data::SentencePair> pairs = read_pairs(ids_path);
  Ids rows;
  for (std::int64_t row = 0; row < std::ssize(pairs); ++row) {
    rows.push_back(row);
  }
  write(out_path, {{"logits", translator.model->forward(data::make_batch(pairs, rows))}});
}

void write_gru(const std::string& in_path, const std::string& out_path) {
  const auto [tensors, gru] = load_pytorch_gru(in_path);
  const auto [output, h_n] = gru->forward(tensors.at("x"), tensors.at("lengths"));
  write(out_path, {{"output", output}, {"h_n", h_n}});
}

void run(const std::vector<std::string>& arguments) {
  const NoGradGuard no_grad;
  const std::size_t count = arguments.size();
  if ((count == 4 || count == 5) && arguments[0] == "logits") {
    write_logits(arguments[1], arguments[2], count == 5 ? arguments[3] : "", arguments.back());
  } else if (arguments.size() == 3 && arguments[0] == "gru") {
    write_gru(arguments[1], arguments[2]);
  } else {
    fail(
        "interop_logits: wrong arguments; expected logits MODEL_DIR IDS.txt [WEIGHTS.safetensors] "
        "OUT.safetensors or gru IN.safetensors OUT.safetensors");
  }
}

}  // namespace
}  // namespace weft::interop

int main(int argc, char** argv) {
  try {
    weft::interop::run({argv + 1, argv + argc});
    return 0;
  } catch (const std::exception& error) {
    std::fputs((std::string(error.what()) + "\n").c_str(), stderr);
    return 1;
  }
}
