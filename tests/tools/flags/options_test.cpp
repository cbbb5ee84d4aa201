#include "tools/flags/options.hpp"

#include <fstream>

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"

namespace weft::tools {
namespace {

struct Values : CommonFlags {
  std::int64_t batch = data::option(&batch, "batch", 64, {1, 100}, "a size");
  double lr = data::option(&lr, "lr", 0.5, {0, 1}, "a rate", {.group = "Rates"});
  bool lowercase = data::option(&lowercase, "lowercase", false, "a choice of two");
  std::string out =
      data::option(&out, "out", "", "a place", {.placeholder = "DIR", .recorded = false});
  std::string readout =
      data::option(&readout, "readout", "deep", {"state", "full", "deep"}, "a choice of three");
  std::int64_t hidden =
      data::option(&hidden, "hidden", 3, {1, 9}, "not for people", {.flag = false});
  std::vector<std::string> names = {};
};

/// A subcommand's options, parsed.
struct Parsed {
  explicit Parsed(const std::vector<std::string>& arguments) {
    options.add(values);
    options.positional("NAME", values.names, "names");
    options.elsewhere("heads", "got a model without");
    options.parse(arguments);
  }

  Values values;
  Options options{"test", "Tests."};
};

std::string misuse_of(const std::vector<std::string>& arguments) {
  try {
    const Parsed parsed(arguments);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

/// Writes a configuration file; returns its path.
std::string write_config(const data::TemporaryFolder& folder, const std::string& text) {
  std::string path = folder.path("test.toml");
  std::ofstream(path) << text;
  return path;
}

TEST_CASE("options: flags set their variables, others keep the default") {
  const Parsed parsed({"--batch", "7", "--lr=1e-3", "--lowercase", "true", "--quiet", "a", "b"});
  REQUIRE(parsed.values.batch == 7);
  REQUIRE(parsed.values.lr == 1e-3);
  REQUIRE(parsed.values.lowercase);
  REQUIRE(parsed.values.quiet);
  REQUIRE(parsed.values.readout == "deep");
  REQUIRE(parsed.values.names == std::vector<std::string>{"a", "b"});
  REQUIRE(parsed.options.given("batch"));
  REQUIRE_FALSE(parsed.options.given("readout"));
}

TEST_CASE("options: a flag given twice has its last value") {
  REQUIRE(Parsed({"--batch", "7", "--batch", "8"}).values.batch == 8);
}

TEST_CASE("options: wrong values are told with what was expected") {
  REQUIRE(misuse_of({"--batch", "0"}) ==
          "test: --batch: invalid value; got 0; expected an integer in [1, 100]");
  REQUIRE(misuse_of({"--batch", "7x"}) ==
          "test: --batch: invalid value; got 7x; expected an integer in [1, 100]");
  REQUIRE(misuse_of({"--batch", ""}) ==
          "test: --batch: invalid value; got ; expected an integer in [1, 100]");
  REQUIRE(misuse_of({"--lr", "nan"}) ==
          "test: --lr: invalid value; got nan; expected a number in [0, 1]");
  REQUIRE(misuse_of({"--lowercase", "1"}) ==
          "test: --lowercase: invalid value; got 1; expected true or false");
  REQUIRE(misuse_of({"--readout", "ful"}) ==
          "test: --readout: unknown value; got ful; expected state or full or deep; hint: did you "
          "mean full?");
}

TEST_CASE("options: a flag is no value of another one") {
  REQUIRE(
      misuse_of({"--batch"}) ==
      "test: --batch has no value; got the end of the command; expected an integer in [1, 100]");
  REQUIRE(misuse_of({"--lowercase", "--batch=7"}) ==
          "test: --lowercase has no value; got --batch=7; expected true or false");
  REQUIRE(misuse_of({"--lr", "-1"}) ==
          "test: --lr: invalid value; got -1; expected a number in [0, 1]");
}

TEST_CASE("options: unknown flags and missing ones") {
  REQUIRE(misuse_of({"--bach", "7"}) == "test: unknown flag --bach; hint: did you mean --batch?");
  REQUIRE(misuse_of({"--bach=7"}) == "test: unknown flag --bach=7; hint: did you mean --batch?");
  REQUIRE(misuse_of({"--xyzzy"}) == "test: unknown flag --xyzzy; hint: weft test --help lists all");
  REQUIRE(misuse_of({"--hidden", "7"}).starts_with("test: unknown flag --hidden"));
  REQUIRE(misuse_of({"--heads", "7"}) ==
          "test: flag --heads does not apply here; got a model without");
  REQUIRE_THROWS_AS(Parsed({}).options.require("out"), UsageError);
}

TEST_CASE("options: a configuration file gives what the command line does not") {
  const data::TemporaryFolder folder;
  const std::string path =
      write_config(folder, "batch = 7  # few\nreadout = \"full\"\nquiet = true\n");
  const Parsed parsed({"--batch", "9", "--config", path});
  REQUIRE(parsed.values.batch == 9);
  REQUIRE(parsed.values.readout == "full");
  REQUIRE(parsed.values.quiet);
  REQUIRE(parsed.options.given("readout"));
}

TEST_CASE("options: errors in a configuration file name file, line and key") {
  const data::TemporaryFolder folder;
  const auto misuse_in = [&](const std::string& text) {
    const std::string path = write_config(folder, text);
    const std::string message = misuse_of({"--batch", "9", "--config", path});
    return message.starts_with(path) ? message.substr(path.size()) : message;
  };
  REQUIRE(misuse_in("bach = 7\n") == ":1: unknown key bach; hint: did you mean batch?");
  REQUIRE(misuse_in("\nheads = 7\n") == ":2: key heads does not apply here; got a model without");
  REQUIRE(misuse_in("lr = 0.1\nbatch = 0\n") ==
          ":2: batch: invalid value; got 0; expected an integer in [1, 100]");
  REQUIRE(misuse_in("[words]\nbatch = 7\n").starts_with(":1: unexpected table; got [words]"));
}

TEST_CASE("options: the help has every flag with its default") {
  try {
    const Parsed parsed({"--help"});
    FAIL("no help");
  } catch (const HelpRequest& help) {
    const std::string text = help.what();
    for (const char* part : {"Usage: weft test", "--batch N=64", "--lr X=0.5", "--config",
                             "--readout state|full|deep=deep", "a choice of three", "Rates:"}) {
      CAPTURE(text, part);
      REQUIRE(text.find(part) != std::string::npos);
    }
  }
}

TEST_CASE("options: a peek reads what it knows, and leaves all else to parse") {
  const data::TemporaryFolder folder;
  const std::string path = write_config(folder, "bach = 7\nreadout = \"full\"\n");
  Values values;
  Options options("test", "Tests.");
  options.add(values);
  options.peek({"--bach", "7", "--help", "more", "--config", path, "--batch=9"});
  REQUIRE(values.batch == 9);
  REQUIRE(values.readout == "full");
  REQUIRE_FALSE(options.given("lr"));
  options.peek({"--config", folder.path("none.toml")});
  REQUIRE_FALSE(options.given("batch"));
}

TEST_CASE("options: recorded values can be set again") {
  Parsed parsed({"--batch", "7", "--out", "x", "--lr", "0.1"});
  const models::Json values = parsed.options.values();
  REQUIRE(
      values ==
      models::Json{
          {"batch", 7}, {"lr", 0.1}, {"lowercase", false}, {"readout", "deep"}, {"threads", 0}});

  Parsed other({});
  for (const auto& [name, value] : values.items()) {
    other.options.set(name, value, "here");
  }
  REQUIRE(other.options.values() == values);
  REQUIRE_THROWS_AS(other.options.set("batch", models::Json("many"), "here"), UsageError);
}

}  // namespace
}  // namespace weft::tools
