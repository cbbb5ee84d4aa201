#include "data/text/subwords.hpp"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "autograd/error.hpp"
#include "data/text/subword_file.hpp"
#include "data/text/vocabulary.hpp"

namespace weft::data {
namespace {

void check(const sentencepiece::util::Status& status, const std::string& where) {
  if (!status.ok()) {
    fail("{}: SentencePiece failed; got: {}", where, status.ToString());
  }
}

/// Replaces white space by plain spaces, so that no piece contains a line end or a tab.
std::string with_spaces(std::string_view line) {
  std::string text(line);
  std::ranges::replace_if(
      text, [](char c) { return c >= '\t' && c <= '\r'; }, ' ');
  return text;
}

/// Feeds lines to SentencePiece's trainer.
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

/// Keeps SentencePiece from logging to standard error, where it quotes a model's text. Failures are
/// reported as a status anyway. Only training can set the log level; this one has no text and fails
/// at once.
void silence() {
  [[maybe_unused]] static const bool refused = [] {
    Lines nothing({});
    std::string model;
    return !sentencepiece::SentencePieceTrainer::Train({{"minloglevel", kMinLogLevel}}, &nothing,
                                                       &model)
                .ok();
  }();
}

}  // namespace

class Subwords::Processor : public sentencepiece::SentencePieceProcessor {};

Subwords Subwords::train(std::span<const std::string> lines, const SubwordOptions& options) {
  if (options.vocab_size <= kSpecials + kBytePieces) {
    fail(
        "subwords: the size leaves no room for pieces; got {}; expected more than {} special "
        "tokens and {} bytes",
        options.vocab_size, kSpecials, kBytePieces);
  }
  Lines iterator(lines);
  std::string serialized;
  check(sentencepiece::SentencePieceTrainer::Train(trainer_arguments(options), &iterator,
                                                   &serialized),
        "subwords");
  Processor learnt;
  check(learnt.LoadFromSerializedProto(serialized), "subwords");
  SubwordFile file{options.model, {}};
  for (int id = 0; id < learnt.GetPieceSize(); ++id) {
    file.pieces.push_back({learnt.IdToPiece(id), learnt.GetScore(id)});
  }
  return parse(to_bytes(file), "subwords");
}

Subwords Subwords::parse(const std::string& bytes, const std::string& where) {
  silence();
  auto processor = std::make_shared<Processor>();
  check(processor->LoadFromSerializedProto(to_bytes(parse_subword_file(bytes, where))), where);
  Subwords subwords;
  subwords.processor_ = std::move(processor);
  return subwords;
}

Subwords Subwords::load(const std::string& path) { return parse(read_subword_file(path), path); }

void Subwords::save(const std::string& path, const std::string& name) const {
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file << processor_->serialized_model_proto();
  file.close();
  if (!file) {
    fail("{}: cannot write the file; got: {}", name.empty() ? path : name,
         std::generic_category().message(errno));
  }
}

std::vector<std::string> Subwords::pieces() const {
  std::vector<std::string> all;
  all.reserve(static_cast<std::size_t>(processor_->GetPieceSize()));
  for (int id = 0; id < processor_->GetPieceSize(); ++id) {
    all.push_back(processor_->IdToPiece(id));
  }
  return all;
}

std::vector<std::int64_t> Subwords::byte_ids() const {
  std::vector<std::int64_t> ids;
  for (int byte = 0; byte < kBytePieces; ++byte) {
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
