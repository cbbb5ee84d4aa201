// The snippets of tools/README.md, compiled and run; the last test finds each of them here.

#include <fmt/format.h>

#include "data/text/line_reader.hpp"
#include "data/text/tokenizer.hpp"
#include "models/files/file.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/snippets.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/options.hpp"
#include "tools/terminal/output.hpp"

namespace weft::tools {
namespace {

struct CountFlags : ProgramFlags {
  std::string input =
      data::option(&input, "input", "", "the text, a sentence a line", {.placeholder = "FILE"});
  std::string output = data::option(&output, "output", "", "where the figures go; else stdout",
                                    {.placeholder = "FILE"});
};

int count(const Arguments& arguments) {
  CountFlags flags;
  Options options("count", "Counts the words of a text.");
  options.add(flags);
  options.parse(arguments);
  options.require("input");

  const data::Tokenizer tokenizer;
  data::LineReader lines(flags.input);
  std::int64_t words = 0;
  for (std::string line; lines.next(line);) {
    words += std::ssize(tokenizer.tokenize(line));
  }
  Output output(flags.output);
  output.line(fmt::format("{} lines, {} words", lines.line_number(), words));
  if (flags.json) {
    output.json({{"lines", lines.line_number()}, {"words", words}});
  }
  output.close();
  return 0;
}

TEST_CASE("the README's command") {
  const data::TemporaryFolder folder;
  const std::string text = folder.write("text", "the cat sleeps\nthe dog\n");
  const std::string figures = folder.path("figures");
  CHECK(count({"--input", text, "--output", figures, "--json"}) == 0);
  CHECK(models::read_file(figures, 1000) == "2 lines, 5 words\n{\"lines\":2,\"words\":5}\n");
  CHECK_THROWS_WITH(count({"--inptu", text}),
                    "count: unknown flag --inptu; hint: did you mean --input?");
  CHECK_THROWS_AS(count({"--help"}), HelpRequest);
}

TEST_CASE("every snippet of the README is in this file") {
  CHECK(testing::check_snippets("tools/README.md", "tests/tools/readme_test.cpp") == 3);
}

}  // namespace
}  // namespace weft::tools
