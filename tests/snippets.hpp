#pragma once

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "tests/catch.hpp"

/// Pages whose C++ is compiled and run: a test has it, and sees that none is missing.
namespace weft::testing {

/// The text of a file of the project, named from its root.
inline std::string read_source(const std::string& name) {
  std::ifstream file(std::string(WEFT_TESTS_DIR) + "/../" + name);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The text with the indentation of its lines and its empty lines taken away.
inline std::string without_indentation(const std::string& text) {
  std::istringstream lines(text);
  std::string result;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos) {
      result += line.substr(first) + '\n';
    }
  }
  return result;
}

/// Checks that each block of C++ on the page stands in the test; returns how many there are.
inline int check_snippets(const std::string& page, const std::string& test) {
  const std::string code = without_indentation(read_source(test));
  const std::string text = read_source(page);
  const std::string open = "```cpp\n";
  int snippets = 0;
  for (std::size_t at = text.find(open); at != std::string::npos; at = text.find(open, at)) {
    at += open.size();
    const std::string snippet = text.substr(at, text.find("```", at) - at);
    CAPTURE(snippet);
    CHECK(code.find(without_indentation(snippet)) != std::string::npos);
    ++snippets;
  }
  return snippets;
}

}  // namespace weft::testing
