#include "models/files/json.hpp"

#include <limits>

#include "tests/catch.hpp"
#include "tests/data/temporary_folder.hpp"
#include "tests/models/message_of.hpp"

namespace weft::models {
namespace {

using data::TemporaryFolder;

std::string parse_message(std::string_view text) {
  return message_of([&] { parse_json_strict(text, "config.json"); });
}

// The error message of reading `{"x": <value>}` with `read`.
template <class F>
std::string field_message(const std::string& value, F&& read) {
  const Json json = parse_json_strict("{\"x\": " + value + "}", "config.json");
  const JsonObject object(json, "config.json");
  return message_of([&] { read(object); });
}

TEST_CASE("json: a value of every kind is parsed and written back") {
  const std::string text =
      "{\n  \"a\": [\n    1,\n    -2,\n    0.1,\n    []\n  ],\n  \"b\": {\n    \"c\": null\n  },\n"
      "  \"d\": \"\u00E9\\n\",\n  \"e\": true,\n  \"f\": 18446744073709551615\n}\n";
  REQUIRE(to_text(parse_json_strict(text, "x"), "x") == text);
  REQUIRE(parse_json_strict(" 7 ", "x") == 7);
}

TEST_CASE("json: fields are written in one order") {
  const Json one = {{"b", 1}, {"a", 2}};
  const Json other = {{"a", 2}, {"b", 1}};
  REQUIRE(to_text(one, "x") == to_text(other, "x"));
}

TEST_CASE("json: malformed text names file and line") {
  REQUIRE(parse_message("{\n\"a\": }") == "config.json:2: not valid JSON; got '\"a\": }'");
  REQUIRE(contains(parse_message(""), "config.json:1: not valid JSON"));
  REQUIRE(contains(parse_message("{} {}"), "config.json:1: not valid JSON"));
  REQUIRE(contains(parse_message("{\"a\": 1,}"), "not valid JSON"));
  REQUIRE(contains(parse_message("// comment\n{}"), "not valid JSON"));
  REQUIRE(contains(parse_message("[1e999]"), "not valid JSON"));
  REQUIRE(contains(parse_message("[\"\xFF\"]"), "not valid JSON"));
  REQUIRE(contains(parse_message("[\"\\ud800\"]"), "not valid JSON"));
  using std::string_view_literals::operator""sv;
  REQUIRE(parse_message("{}\0garbage"sv) == "config.json: not valid JSON; got a NUL byte");
}

TEST_CASE("json: a field that occurs twice is an error") {
  REQUIRE(parse_message(R"({"a": 1, "b": {"a": 1}, "a": 2})") ==
          "config.json: field 'a' occurs twice");
  REQUIRE(parse_message(R"([{"a": 1}, {"a": 1}])") == "no error");
}

TEST_CASE("json: nesting is limited") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  REQUIRE(parse_message(nested(64)) == "no error");
  REQUIRE(parse_message(nested(65)) ==
          "config.json: nested too deeply; expected at most 64 levels");
  REQUIRE(contains(parse_message(std::string(1'000'000, '[')), "nested too deeply"));
}

TEST_CASE("json: a file is read whole, up to a size") {
  const TemporaryFolder folder;
  REQUIRE(read_json_strict(folder.write("a.json", "{\"a\": 1}\n"))["a"] == 1);
  const std::string large = folder.write("b.json", std::string((16U << 20U) + 1, ' '));
  REQUIRE(
      contains(message_of([&] { read_json_strict(large); }), large + ": the file is too large"));
}

TEST_CASE("json: what JSON cannot hold is not written") {
  REQUIRE(message_of([] {
            to_text(Json{{"a", {1.0, std::numeric_limits<double>::quiet_NaN()}}}, "x");
          }) == "x: cannot be written as JSON; got NaN or an infinity");
  REQUIRE(message_of([] {
            to_text(Json{{"a", "\xFF"}}, "x");
          }) == "x: cannot be written as JSON; got ill-formed UTF-8");
}

TEST_CASE("json: fields are read with their types") {
  const Json json = parse_json_strict(
      R"({"i": -3, "u": 18446744073709551615, "n": 2, "f": 0.1, "s": "gru",
          "o": {"i": 5}})",
      "config.json");
  const JsonObject object(json, "config.json");
  REQUIRE(object.integer("i", -3, 3) == -3);
  REQUIRE(object.unsigned_integer("u") == 18446744073709551615U);
  REQUIRE(object.number("n", 0, 2) == 2.0);
  REQUIRE(object.number("f", 0, 1) == 0.1);
  REQUIRE(object.string("s") == "gru");
  REQUIRE(object.object("o").integer("i", 5, 5) == 5);
  REQUIRE(!object.has("x"));
  REQUIRE(object.fields() == std::vector<std::string>{"f", "i", "n", "o", "s", "u"});
  object.reject_unknown();
}

TEST_CASE("json: unsigned integers that a program stored as signed ones are read") {
  const Json json = {{"u", 5}, {"negative", -5}};
  const JsonObject object(json, "x");
  REQUIRE(object.unsigned_integer("u") == 5);
  REQUIRE(contains(message_of([&] { object.unsigned_integer("negative"); }), "got -5"));
}

TEST_CASE("json: integers are exact") {
  const auto read = [](const JsonObject& object) { object.integer("x", 1, 65536); };
  const std::string got = "config.json: field 'x': wrong type or range; got ";
  const std::string expected = "; expected an integer in [1, 65536]";
  for (const char* const value : {"0", "-1", "65537", "1.9", "true", "null", "\"1\"", "[1]",
                                  "18446744073709551615", "-9223372036854775808"}) {
    REQUIRE(field_message(value, read) == got + value + expected);
  }
  REQUIRE(contains(field_message("1.0", read), "got 1.0; expected an integer"));
  REQUIRE(contains(field_message("18446744073709551616", read), "expected an integer"));
  REQUIRE(field_message("65536", read) == "no error");
}

TEST_CASE("json: a field of another type or range is an error") {
  const std::string where = "config.json: field 'x': wrong type or range; got ";
  REQUIRE(field_message("-1", [](const JsonObject& o) { o.unsigned_integer("x"); }) ==
          where + "-1; expected an integer in [0, 2^64)");
  REQUIRE(field_message("1.5", [](const JsonObject& o) { o.number("x", 0, 1); }) ==
          where + "1.5; expected a number in [0, 1]");
  REQUIRE(field_message("1", [](const JsonObject& o) { o.string("x"); }) ==
          where + "1; expected a string");
  REQUIRE(field_message("[]", [](const JsonObject& o) { o.object("x"); }) ==
          where + "[]; expected an object");
  REQUIRE(field_message("1", [](const JsonObject& o) { o.string("y"); }) ==
          "config.json: field 'y': missing; expected a string");
  REQUIRE(field_message(R"({"y": 1})", [](const JsonObject& o) { o.object("x").string("y"); }) ==
          "config.json: field 'x.y': wrong type or range; got 1; expected a string");
  REQUIRE(message_of([] {
            const Json array = Json::array();
            const JsonObject object(array, "config.json");
          }) == "config.json: wrong type; got []; expected an object");
}

TEST_CASE("json: fields that nobody asked for are errors") {
  const Json json = parse_json_strict(R"({"hidden": 1, "layer": 1})", "config.json");
  const JsonObject object(json, "config.json");
  object.integer("hidden", 1, 2);
  REQUIRE(!object.has("layers"));
  REQUIRE(message_of([&] { object.reject_unknown(); }) ==
          "config.json: unknown field 'layer'; hint: did you mean layers?");
}

}  // namespace
}  // namespace weft::models
