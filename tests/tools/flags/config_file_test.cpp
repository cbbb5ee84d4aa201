#include "tools/flags/config_file.hpp"

#include <fstream>

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tools/flags/options.hpp"

namespace weft::tools {
namespace {

std::vector<ConfigEntry> read(const std::string& text) {
  const data::TemporaryFolder folder;
  const std::string path = folder.path("test.toml");
  std::ofstream(path, std::ios::binary) << text;
  return read_config_file(path);
}

/// The error of a file of this text, from the name of the file on.
std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const Error& error) {
    const std::string message = error.what();
    return message.substr(message.find("test.toml"));
  }
  return "no error";
}

TEST_CASE("config file: comments, blank lines, words and texts in quotes") {
  const std::vector<ConfigEntry> entries = read(
      "\xEF\xBB\xBF# first\r\n\n  emb=64\t# few\nlr = 1e-3\nout = \"a # b\"\n"
      "train-tsv = 'C:\\new'\nvalid_tsv = \"say \\\"\\\\\\\"\"\nsrc = data/a.en\nempty = \"\"");
  const auto is = [&](std::size_t i, const std::string& key, const std::string& value, int line) {
    return entries[i].key == key && entries[i].value == value && entries[i].line == line;
  };
  REQUIRE(entries.size() == 7);
  CHECK(is(0, "emb", "64", 3));
  CHECK(is(1, "lr", "1e-3", 4));
  CHECK(is(2, "out", "a # b", 5));
  CHECK(is(3, "train-tsv", "C:\\new", 6));
  CHECK(is(4, "valid_tsv", "say \"\\\"", 7));
  CHECK(is(5, "src", "data/a.en", 8));
  CHECK(is(6, "empty", "", 9));
  CHECK(read("").empty());
  CHECK(read("# nothing").empty());
}

TEST_CASE("config file: what it does not understand is an error with a line") {
  const std::string line = "a line such as emb = 64";
  CHECK(error_of("a = 1\n[b]\n") ==
        "test.toml:2: unexpected table; got [b]; expected lines such as emb = 64");
  CHECK(error_of("[") == "test.toml:1: unexpected table; got [; expected lines such as emb = 64");
  CHECK(error_of("emb 64") == "test.toml:1: no key with a value; got 64; expected " + line);
  CHECK(error_of("\n\nemb") ==
        "test.toml:3: no key with a value; got the end of the line; expected " + line);
  CHECK(error_of("= 64") == "test.toml:1: no key with a value; got = 64; expected " + line);
  CHECK(error_of("a.b = 64") == "test.toml:1: no key with a value; got .b = 64; expected " + line);
  const std::string value = "a number, true, false, a name, or a text in quotes";
  CHECK(error_of("emb =") ==
        "test.toml:1: invalid value; got the end of the line; expected " + value);
  CHECK(error_of("emb = [1, 2]") == "test.toml:1: invalid value; got [1, 2]; expected " + value);
  CHECK(error_of("emb = 6 4") ==
        "test.toml:1: more than one value; got 4; expected one, and texts of several words in "
        "quotes");
  CHECK(error_of("out = \"x") ==
        "test.toml:1: a text without an end; got the end of the line; expected a closing \"");
  CHECK(
      error_of("out = \"a\\b\"") ==
      "test.toml:1: unknown escape; got \"; expected \\\" or \\\\; hint: in '...' a \\ stands for "
      "itself");
  CHECK(error_of("emb = 64\n\nemb = 64\n") ==
        "test.toml:3: key emb given twice; got it in line 1 already");
}

TEST_CASE("config file: bytes that are no text are an error with a line") {
  CHECK(error_of(std::string("a = 1\nb = 2\0", 12)).starts_with("test.toml:2: not a text file"));
  CHECK(error_of("a = 1\nb = '\xff'\n").starts_with("test.toml:2: invalid UTF-8"));
  CHECK(error_of("\xFF\xFE"
                 "a")
            .starts_with("test.toml:1: wrong encoding; got UTF-16"));
}

}  // namespace
}  // namespace weft::tools
