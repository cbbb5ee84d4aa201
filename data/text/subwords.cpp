#include "data/text/subwords.hpp"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <unordered_map>

#include "autograd/error.hpp"
#include "data/text/subword_file.hpp"
#include "data/text/vocabulary.hpp"

namespace weft::data {
namespace {

constexpr std::int64_t kBytes = 256;
constexpr int kLongestLine = 1 << 20;   // bytes; SentencePiece leaves longer ones out
constexpr const char* kLogLevel = "3";  // of its messages, those that end the program

void check(const sentencepiece::util::Status& status, const std::string& where) {
  if (!status.ok()) {
    fail("{}: SentencePiece failed; got: {}", where, status.ToString());
  }
}

/// White space as plain spaces: no piece then has a line end or a tab.
std::string with_spaces(std::string_view line) {
  std::string text(line);
  std::ranges::replace_if(
      text, [](char c) { return c >= '\t' && c <= '\r'; }, ' ');
  return text;
}

/// Hands lines to SentencePiece's trainer.
class Lines : public sentencepiece::SentenceIterator {
 public:
  explicit Lines(std::span<const std::string> lines) : lines_(lines) { read(); }

  bool done() const override { return next_ > lines_.size(); }
  void Next() override { read(); }
  const std::string& value() const override { return line_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  void read() {
    if (next_ < lines_.size()) {
      line_ = with_spaces(lines_[next_]);
    }
    ++next_;
  }

  std::span<const std::string> lines_;
  std::size_t next_ = 0;
  std::string line_;
};

/// Keeps SentencePiece from writing to standard error what it thinks of a model, in the model's own
/// words; what fails comes back as a status. Its level is an argument of training alone, which ends
/// at once for want of text.
void silence() {
  [[maybe_unused]] static const bool refused = [] {
    Lines nothing({});
    std::string model;
    return !sentencepiece::SentencePieceTrainer::Train({{"minloglevel", kLogLevel}}, &nothing,
                                                       &model)
                .ok();
  }();
}

}  // namespace

class Subwords::Processor : public sentencepiece::SentencePieceProcessor {};

Subwords Subwords::train(std::span<const std::string> lines, const SubwordOptions& options) {
  if (options.vocab_size <= kSpecials + kBytes) {
    fail(
        "subwords: the size leaves no room for pieces; got {}; expected more than {} special "
        "tokens and {} bytes",
        options.vocab_size, kSpecials, kBytes);
  }
  // One thread: sums of several would depend on their number. Weft has normalized the text.
  const std::unordered_map<std::string, std::string> arguments = {
      {"model_type", std::string(name(options.model))},
      {"vocab_size", std::to_string(options.vocab_size)},
      {"hard_vocab_limit", "false"},
      {"character_coverage", "1.0"},
      {"byte_fallback", "true"},
      {"normalization_rule_name", "identity"},
      {"num_threads", "1"},
      {"max_sentence_length", std::to_string(kLongestLine)},
      {"pad_id", std::to_string(kPad)},
      {"bos_id", std::to_string(kBos)},
      {"eos_id", std::to_string(kEos)},
      {"unk_id", std::to_string(kUnk)},
      {"pad_piece", "<pad>"},
      {"bos_piece", "<bos>"},
      {"eos_piece", "<eos>"},
      {"unk_piece", "<unk>"},
      {"minloglevel", kLogLevel}};
  Lines iterator(lines);
  std::string serialized;
  check(sentencepiece::SentencePieceTrainer::Train(arguments, &iterator, &serialized), "subwords");
  return parse(serialized, "subwords");
}

Subwords Subwords::parse(const std::string& serialized, const std::string& where) {
  check_subword_file(serialized, where);
  silence();
  auto processor = std::make_shared<Processor>();
  check(processor->LoadFromSerializedProto(serialized), where);
  Subwords subwords;
  subwords.processor_ = std::move(processor);
  return subwords;
}

Subwords Subwords::load(const std::string& path) { return parse(read_subword_file(path), path); }

void Subwords::save(const std::string& path) const {
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file << processor_->serialized_model_proto();
  file.close();
  if (!file) {
    fail("{}: cannot write the file; got: {}", path, std::generic_category().message(errno));
  }
}

std::vector<std::string> Subwords::pieces() const {
  std::vector<std::string> all;
  for (int id = 0; id < processor_->GetPieceSize(); ++id) {
    all.push_back(processor_->IdToPiece(id));
  }
  return all;
}

std::vector<std::int64_t> Subwords::byte_ids() const {
  std::vector<std::int64_t> ids;
  for (int byte = 0; byte < kBytes; ++byte) {
    const int id = processor_->PieceToId(fmt::format("<0x{:02X}>", byte));
    if (!processor_->IsByte(id)) {
      return {};
    }
    ids.push_back(id);
  }
  return ids;
}

std::vector<std::string> Subwords::encode(std::string_view line) const {
  std::vector<std::string> pieces;
  check(processor_->Encode(with_spaces(line), &pieces), "subwords");
  return pieces;
}

std::vector<Subwords::Cut> Subwords::best_cuts(std::string_view line, std::int64_t count) const {
  std::vector<std::vector<std::string>> found;
  check(processor_->NBestEncode(with_spaces(line), static_cast<int>(count), &found), "subwords");
  std::vector<Cut> cuts;
  for (std::vector<std::string>& pieces : found) {
    double log_p = 0;
    for (const std::string& piece : pieces) {
      log_p += static_cast<double>(processor_->GetScore(processor_->PieceToId(piece)));
    }
    cuts.push_back({std::move(pieces), log_p});
  }
  return cuts;
}

std::string Subwords::decode(const std::vector<std::string>& pieces) const {
  std::string line;
  check(processor_->Decode(pieces, &line), "subwords");
  return line;
}

}  // namespace weft::data
