#include "nn/json_reader.hpp"

#include <vector>

#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"

namespace weft::nn {
namespace {

using models::contains;
using models::message_of;
using Kind = JsonReader::Kind;

/// Reads `{"a": ...}`; returns the value, or for a string its content.
std::string value_of(const std::string& text) {
  const std::string object = "{\"a\": " + text + "}";
  JsonReader json(object, "text");
  json.value();
  std::string name;
  REQUIRE(json.field(name));
  const JsonReader::Value value = json.value();
  std::string result = value.kind == Kind::string ? json.string() : std::string(value.text);
  if (json.field(name)) {
    return "another field";
  }
  json.end();
  return result;
}

std::string message(const std::string& text) {
  return message_of([&] { value_of(text); });
}

TEST_CASE("json_reader: objects, arrays and values come in their order") {
  const std::string text = " { \"a\" : [ 1 , [ ] , null ] ,\n\"b\":{},\t\"c\":\"d\" } \r\n";
  JsonReader json(text, "text");
  REQUIRE(json.value().kind == Kind::object);
  std::string name;
  REQUIRE(json.field(name));
  REQUIRE(name == "a");
  REQUIRE(json.value().kind == Kind::array);
  std::vector<Kind> kinds;
  while (json.element()) {
    kinds.push_back(json.value().kind);
    if (kinds.back() == Kind::array) {
      REQUIRE_FALSE(json.element());
    }
  }
  REQUIRE(kinds == std::vector{Kind::integer, Kind::array, Kind::null});
  REQUIRE(json.field(name));
  REQUIRE(name == "b");
  REQUIRE(json.value().kind == Kind::object);
  REQUIRE_FALSE(json.field(name));
  REQUIRE(json.field(name));
  REQUIRE(json.value().kind == Kind::string);
  REQUIRE(json.string() == "d");
  REQUIRE_FALSE(json.field(name));
  json.end();
}

TEST_CASE("json_reader: numbers and words are those of the standard") {
  for (const char* const good : {"0", "-0", "10", "18446744073709551616", "1.5", "0e0", "-1E+5",
                                 "2e-07", "true", "false", "null"}) {
    REQUIRE(value_of(good) == good);
  }
  for (const char* const bad :
       {"",    "-",    "+1",  "01",    "1.",    ".5",  "1e",     "1e+", "0x1", "1a", "-a",
        "NaN", "True", "nul", "nullx", "tru e", "'a'", "//1\n1", "1,",  "1 2", "[1", "Infinity"}) {
    INFO(bad);
    REQUIRE(contains(message(bad), "text is not valid JSON at byte "));
  }
}

TEST_CASE("json_reader: strings and their escapes") {
  REQUIRE(value_of(R"("")").empty());
  REQUIRE(value_of(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  REQUIRE(value_of(R"("a\u0041\u00e9\u4E2D\ud83D\uDE00\u0000")") ==
          std::string("aA\u00E9\u4E2D\U0001F600\0", 12));
  REQUIRE(value_of("\"\u00E9\U0001F600\x7F\"") == "\u00E9\U0001F600\x7F");
  for (const char* const bad : {R"("\x")", R"("\u12")", R"("\u12g4")", R"("\U0041")", R"("\ud83d")",
                                R"("\ud83d\n")", R"("\ud83dude00")", R"("\ud83d\ud83d")",
                                R"("\ude00")", R"("\)", R"("a)", "\"\n\"", "\"\t\"", "\"\x1F\""}) {
    INFO(bad);
    REQUIRE(contains(message(bad), "text is not valid JSON at byte "));
  }
}

TEST_CASE("json_reader: errors name the byte, from 1, and what stands there") {
  REQUIRE(message("1 2") == "text is not valid JSON at byte 9; got '2}'");
  REQUIRE(message("\"a") == "text is not valid JSON at byte 10; got its end");
  REQUIRE(message("\"\xC0\xAF\"") == "text is not valid JSON at byte 8; got '\\xC0\\xAF\"}'");
  REQUIRE(message(std::string("1\0", 2)) == "text is not valid JSON; got a NUL byte");
  REQUIRE(message("1}}") == "text is not valid JSON at byte 9; got '}}'");
}

TEST_CASE("json_reader: commas stand between, and colons behind names") {
  for (const char* const bad : {"{,", "{\"a\":1,}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{1:2}",
                                "{a:1}", "{\"a\":}", "{\"a\"", "{"}) {
    INFO(bad);
    const std::string text = bad;
    REQUIRE(contains(message_of([&] {
                       JsonReader json(text, "text");
                       json.value();
                       for (std::string name; json.field(name);) {
                         json.value();
                       }
                       json.end();
                     }),
                     "text is not valid JSON at byte "));
  }
  for (const char* const bad : {"[,1]", "[1,]", "[1 2]", "[1}", "["}) {
    INFO(bad);
    const std::string text = bad;
    REQUIRE(contains(message_of([&] {
                       JsonReader json(text, "text");
                       json.value();
                       while (json.element()) {
                         json.value();
                       }
                       json.end();
                     }),
                     "text is not valid JSON at byte "));
  }
}

}  // namespace
}  // namespace weft::nn
