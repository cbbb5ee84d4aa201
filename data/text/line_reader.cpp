#include "data/text/line_reader.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "autograd/error.hpp"
#include "autograd/printable.hpp"
#include "data/text/utf8.hpp"

namespace weft::data {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16LittleEndian = "\xFF\xFE";
constexpr std::string_view kUtf16BigEndian = "\xFE\xFF";

std::ifstream open(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    fail("{}: cannot read the file; got a folder", path);
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    fail("{}: cannot open the file; got: {}", path, std::generic_category().message(errno));
  }
  return file;
}

}  // namespace

LineReader::LineReader(const std::string& path, EmptyFile empty)
    : file_(open(path)), stream_(file_), name_(path), empty_(empty) {}

LineReader::LineReader(std::istream& stream, std::string name, EmptyFile empty)
    : stream_(stream), name_(std::move(name)), empty_(empty) {}

std::string LineReader::where() const { return fmt::format("{}:{}", name_, line_number_); }

bool LineReader::next(std::string& line) {
  if (!read_bytes(line)) {
    if (line_number_ == 0 && empty_ == EmptyFile::reject) {
      fail("{}: the file is empty; expected at least one line", name_);
    }
    return false;
  }
  check(line);
  return true;
}

// Byte by byte: std::getline has no limit, and a block read would wait for more than one line.
bool LineReader::read_bytes(std::string& line) {
  using Traits = std::istream::traits_type;
  line.clear();
  std::streambuf& buffer = *stream_.rdbuf();
  Traits::int_type c = Traits::eof();
  try {
    c = buffer.sbumpc();
    if (Traits::eq_int_type(c, Traits::eof())) {
      return false;
    }
    ++line_number_;
    while (!Traits::eq_int_type(c, Traits::eof()) && c != '\n' && line.size() <= kMaxLineBytes) {
      line.push_back(Traits::to_char_type(c));
      c = buffer.sbumpc();
    }
  } catch (const std::ios_base::failure& failure) {
    fail("{}: cannot read on after line {}; got: {}", name_, line_number_,
         failure.code().message());
  }
  if (c == '\n' && line.ends_with('\r')) {
    line.pop_back();
  }
  return true;
}

void LineReader::check(std::string& line) const {
  if (line_number_ == 1 &&
      (line.starts_with(kUtf16LittleEndian) || line.starts_with(kUtf16BigEndian))) {
    fail("{}: wrong encoding; got UTF-16; expected UTF-8; hint: iconv -f UTF-16 -t UTF-8", where());
  }
  if (line_number_ == 1 && line.starts_with(kByteOrderMark)) {
    line.erase(0, kByteOrderMark.size());
  }
  if (const std::size_t nul = line.find('\0'); nul != std::string::npos) {
    fail("{}: not a text file; got a NUL byte at byte {}; expected UTF-8 text", where(), nul + 1);
  }
  if (line.size() > kMaxLineBytes) {
    fail("{}: the line is too long; got more than {} bytes", where(), kMaxLineBytes);
  }
  if (const auto position = find_invalid_utf8(line)) {
    fail("{}: invalid UTF-8 at byte {}", where(), *position + 1);
  }
}

}  // namespace weft::data
