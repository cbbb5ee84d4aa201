#include "models/checks/module_checks.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "autograd/random.hpp"
#include "models/registry.hpp"
#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"

namespace weft::models {
namespace {

/// The modules that the headers of nn/ define, sorted. Base classes are checked through their
/// derived classes.
std::vector<std::string> modules_of_nn() {
  const std::regex definition(R"(class (\w+) : public (\w+) \{)");
  std::set<std::string> names;
  std::set<std::string> bases;
  for (const auto& entry : std::filesystem::directory_iterator(WEFT_TESTS_DIR "/../nn")) {
    std::ifstream file(entry.path());
    std::smatch match;
    bool generic = false;  // a template has no values of its own
    for (std::string line; entry.path().extension() == ".hpp" && std::getline(file, line);) {
      if (std::regex_match(line, match, definition) && !generic) {
        names.insert(match[1]);
        bases.insert(match[2]);
      }
      generic = line.starts_with("template ");
    }
  }
  std::vector<std::string> leaves;
  std::ranges::set_difference(names, bases, std::back_inserter(leaves));
  return leaves;
}

TEST_CASE("every module and every preset's loss has a check") {
  std::vector<std::string> expected = modules_of_nn();
  CHECK(expected.size() >= 12);
  for (const std::string_view preset_name : preset_names()) {
    expected.push_back("loss/" + std::string(preset_name));
  }
  CHECK(module_check_names() == expected);
}

TEST_CASE("every module passes its check") {
  manual_seed(5);
  const std::uint64_t position = default_generator().position();
  for (const std::string& name : module_check_names()) {
    INFO(name);
    const ModuleReport report = check_module(name, 2);
    CHECK(report.name == name);
    CHECK(report.samples == 2);
    CHECK(report.failures.empty());
    const bool exact = name == "Dropout";  // linear: its differences may be without error
    CHECK((report.error > 0 || exact));
    CHECK(report.error < 1e-6);
    CHECK((exact || report.second_error > 0));
    CHECK(report.second_error < 1e-5);
  }
  CHECK(default_generator().seed() == 5);
  CHECK(default_generator().position() == position);
}

TEST_CASE("another seed makes other samples, the same seed the same") {
  CHECK(check_module("GRUCell", 1, 3).error == check_module("GRUCell", 1, 3).error);
  CHECK(check_module("GRUCell", 1, 3).error != check_module("GRUCell", 1, 4).error);
}

TEST_CASE("an unknown module is an error with a suggestion") {
  const std::string message = message_of([] { check_module("GRUcell", 1); });
  CHECK(contains(message, "gradcheck: unknown name; got GRUcell"));
  CHECK(contains(message, "did you mean GRUCell?"));
}

}  // namespace
}  // namespace weft::models
