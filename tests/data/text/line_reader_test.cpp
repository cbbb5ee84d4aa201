#include "data/text/line_reader.hpp"

#include <sstream>

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"

namespace weft::data {
namespace {

using Lines = std::vector<std::string>;
using namespace std::string_literals;

Lines lines_of(LineReader&& reader) {
  Lines lines;
  std::string line;
  while (reader.next(line)) {
    lines.push_back(line);
  }
  REQUIRE(reader.line_number() == static_cast<std::int64_t>(lines.size()));
  return lines;
}

Lines lines_of(const std::string& text) {
  std::istringstream stream(text);
  return lines_of(LineReader(stream, "text"));
}

TEST_CASE("text_file: lines end at LF or CRLF; the last may lack its end") {
  REQUIRE(lines_of("one\ntwo\n") == Lines{"one", "two"});
  REQUIRE(lines_of("one\r\ntwo") == Lines{"one", "two"});
  REQUIRE(lines_of("\n\n") == Lines{"", ""});
  REQUIRE(lines_of("").empty());
}

TEST_CASE("text_file: other line separators and a lone CR are content") {
  REQUIRE(lines_of("a\u2028b\vc\fd\u0085e\rf\n") == Lines{"a\u2028b\vc\fd\u0085e\rf"});
}

TEST_CASE("text_file: a byte order mark is dropped at the start and kept elsewhere") {
  REQUIRE(lines_of("\uFEFFone\n\uFEFFtwo\n") == Lines{"one", "\uFEFFtwo"});
}

TEST_CASE("text_file: what is not UTF-8 text is refused with its line") {
  REQUIRE_THROWS_WITH(lines_of("fine\nnot \xFF fine\n"), "text:2: invalid UTF-8 at byte 5");
  REQUIRE_THROWS_WITH(lines_of("a\nb\nELF\0"s),
                      "text:3: not a text file; got a NUL byte at byte 4; expected UTF-8 text");
  const std::string utf16 =
      "text:1: wrong encoding; got UTF-16; expected UTF-8; hint: iconv -f UTF-16 -t UTF-8";
  REQUIRE_THROWS_WITH(lines_of("\xFF\xFEh\0i\0"s), utf16);
  REQUIRE_THROWS_WITH(lines_of("\xFE\xFF\0h\0i"s), utf16);
}

TEST_CASE("text_file: a line may have 16 MiB and no more") {
  const std::string longest(std::size_t{16} << 20, 'x');
  REQUIRE(lines_of(longest + "\n") == Lines{longest});
  REQUIRE_THROWS_WITH(lines_of("short\n" + longest + "x"),
                      "text:2: the line is too long; got more than 16777216 bytes");
}

TEST_CASE("text_file: files that cannot be read are named") {
  const TemporaryFolder folder;
  REQUIRE_THROWS_WITH(
      LineReader(folder.path("missing.en")),
      folder.path("missing.en") + ": cannot open the file; got: No such file or directory");
  REQUIRE_THROWS_WITH(LineReader(folder.path("")),
                      folder.path("") + ": cannot read the file; got a folder");
}

TEST_CASE("text_file: an empty file is an error unless it is allowed") {
  const TemporaryFolder folder;
  const std::string path = folder.write("empty.en", "");
  REQUIRE_THROWS_WITH(lines_of(LineReader(path)),
                      path + ": the file is empty; expected at least one line");
  REQUIRE(lines_of(LineReader(path, EmptyFile::allow)).empty());
  REQUIRE(lines_of(LineReader(folder.write("blank.en", "\n"))) == Lines{""});
}

TEST_CASE("text_file: a line is handed out before the next one has arrived") {
  std::stringstream stream;
  stream << "first\n";
  LineReader reader(stream, "<stdin>");
  std::string line;
  REQUIRE(reader.next(line));
  REQUIRE(line == "first");
  stream << "second\n";
  REQUIRE(reader.next(line));
  REQUIRE(line == "second");
  REQUIRE(reader.where() == "<stdin>:2");
}

}  // namespace
}  // namespace weft::data
