#include "data/text/subwords.hpp"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <unordered_set>

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

/// Replaces white space by plain spaces, so that no piece contains a line end or a tab, and so the
/// marks by which SentencePiece means a space and an unknown character: it skips lines with the
/// latter.
std::string with_spaces(std::string_view line) {
  std::string text(line);
  std::ranges::replace_if(
      text, [](char c) { return c >= '\t' && c <= '\r'; }, ' ');
  for (const std::string_view mark : {"\u2581", "\u2585"}) {
    for (std::size_t i = text.find(mark); i != std::string::npos; i = text.find(mark, i)) {
      text.replace(i, mark.size(), " ");
    }
  }
  return text;
}

/// Throws Error if the lines have nothing but white space: SentencePiece would end the program.
void check_text(std::span<const std::string> lines, const std::string& where) {
  const auto is_blank = [](const std::string& line) {
    return with_spaces(line).find_first_not_of(' ') == std::string::npos;
  };
  if (std::ranges::all_of(lines, is_blank)) {
    fail("{}: no text to learn from; got {} lines of white space or its mark; expected words",
         where, lines.size());
  }
}

bool begins_character(char c) { return (c & 0xC0) != 0x80; }

/// Where to cut a line that is longer than kLongestLearnt characters: at the last space within that
/// length, else in the middle of a word.
std::size_t learnt_length(std::string_view line) {
  std::int64_t characters = 0;
  std::size_t space = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    characters += begins_character(line[i]) ? 1 : 0;
    if (characters > kLongestLearnt) {
      return space > 0 ? space : i;
    }
    space = line[i] == ' ' ? i : space;
  }
  return line.size();
}

/// The number of different characters, the mark that stands for spaces among them.
std::int64_t count_characters(std::span<const std::string> lines) {
  std::unordered_set<std::string> characters = {"\u2581"};
  for (const std::string& line : lines) {
    const std::string text = with_spaces(line);
    for (std::size_t i = 0, next = 0; i < text.size(); i = next) {
      next = i + 1;
      while (next < text.size() && !begins_character(text[next])) {
        ++next;
      }
      characters.insert(text.substr(i, next - i));
    }
  }
  return std::ssize(characters) - static_cast<std::int64_t>(characters.count(" "));
}

/// Feeds lines to SentencePiece's trainer, the long ones in pieces: it keeps positions in a word in
/// 16 bits, and the seeds of a unigram model take a time quadratic in the length of a line that
/// repeats itself.
class Lines : public sentencepiece::SentenceIterator {
 public:
  explicit Lines(std::span<const std::string> lines) : lines_(lines) { read(); }

  bool done() const override { return done_; }
  void Next() override { read(); }
  const std::string& value() const override { return piece_; }
  sentencepiece::util::Status status() const override { return {}; }

 private:
  void read() {
    done_ = begin_ == line_.size() && next_ == lines_.size();
    if (done_) {
      return;
    }
    if (begin_ == line_.size()) {
      line_ = with_spaces(lines_[next_++]);
      begin_ = 0;
    }
    piece_ = line_.substr(begin_, learnt_length(std::string_view(line_).substr(begin_)));
    begin_ += piece_.size();
  }

  std::span<const std::string> lines_;
  std::size_t next_ = 0;
  std::string line_;
  std::size_t begin_ = 0;  // of the part of line_ that is still to be fed
  std::string piece_;
  bool done_ = false;
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

bool has_cut_word(std::string_view line) {
  constexpr std::string_view kWhiteSpace = " \t\n\v\f\r";
  while (std::ssize(line) > kLongestLearnt) {
    const std::string_view word = line.substr(0, line.find_first_of(kWhiteSpace));
    if (std::ranges::count_if(word, begins_character) > kLongestLearnt) {
      return true;
    }
    line.remove_prefix(std::min(word.size() + 1, line.size()));
  }
  return false;
}

class Subwords::Processor : public sentencepiece::SentencePieceProcessor {};

Subwords Subwords::train(std::span<const std::string> lines, const SubwordOptions& options,
                         const std::string& where) {
  if (options.vocab_size <= kSpecials + kBytePieces) {
    fail(
        "{}: the size leaves no room for pieces; got {}; expected more than {} special tokens and "
        "{} bytes; hint: a larger --vocab-size",
        where, options.vocab_size, kSpecials, kBytePieces);
  }
  check_text(lines, where);
  Lines iterator(lines);
  std::string serialized;
  const auto learning = sentencepiece::SentencePieceTrainer::Train(trainer_arguments(options),
                                                                   &iterator, &serialized);
  if (const std::int64_t least = kSpecials + kBytePieces + count_characters(lines);
      !learning.ok() && options.vocab_size < least) {
    fail(
        "{}: the size leaves no room for the text's characters; got {}; expected at least {}: "
        "special tokens, bytes, and a piece for each character; hint: a larger --vocab-size",
        where, options.vocab_size, least);
  }
  check(learning, where);
  Processor learnt;
  check(learnt.LoadFromSerializedProto(serialized), where);
  SubwordFile file{options.model, {}};
  for (int id = 0; id < learnt.GetPieceSize(); ++id) {
    file.pieces.push_back({learnt.IdToPiece(id), learnt.GetScore(id)});
  }
  return parse(to_bytes(file), where);
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
