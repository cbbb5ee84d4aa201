#include "nn/safetensors_header.hpp"

#include "tests/catch.hpp"
#include "tests/models/message_of.hpp"

namespace weft::nn {
namespace {

using models::contains;
using models::message_of;

std::string parse_message(std::string_view text, std::uint64_t data_bytes = 8) {
  return message_of([&] { parse_safetensors_header(text, data_bytes, "m.safetensors"); });
}

// The error message for a header with one tensor with these fields, and 8 bytes of data.
std::string tensor_message(const std::string& fields) {
  return parse_message("{\"w\": {" + fields + "}}");
}

TEST_CASE("safetensors_header: tensors come in the order of their data") {
  const SafetensorsHeader header = parse_safetensors_header(
      R"({"a": {"dtype": "F64", "shape": [], "data_offsets": [8, 16]},
          "__metadata__": {"format": "pt"},
          "b": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]},
          "empty": {"dtype": "I64", "shape": [3, 0], "data_offsets": [8, 8]},
          "mask": {"dtype": "BOOL", "shape": [2], "data_offsets": [16, 18]}}   )",
      18, "m.safetensors");
  REQUIRE(header.entries.size() == 4);
  REQUIRE(header.entries[0].name == "b");
  REQUIRE(header.entries[0].shape == Shape{1, 2});
  REQUIRE(header.entries[1].name == "empty");
  REQUIRE(header.entries[1].dtype == DType::int64);
  REQUIRE(header.entries[2].name == "a");
  REQUIRE(header.entries[2].dtype == DType::float64);
  REQUIRE(header.entries[3].dtype == DType::boolean);
  REQUIRE(header.entries[3].end == 18);
  REQUIRE(header.metadata == std::map<std::string, std::string>{{"format", "pt"}});
  REQUIRE(parse_safetensors_header("{}", 0, "m").entries.empty());
}

TEST_CASE("safetensors_header: text is read back and padded") {
  const SafetensorsHeader header{
      .entries = {{"w\"\n\u00E9", DType::float32, {2}, 0, 8}, {"v", DType::boolean, {}, 8, 9}},
      .metadata = {{"format", "pt"}}};
  const std::string text = to_text(header);
  REQUIRE(text.size() % 8 == 0);
  const SafetensorsHeader read = parse_safetensors_header(text, 9, "m.safetensors");
  REQUIRE(read.entries.size() == 2);
  REQUIRE(read.entries[0].name == "w\"\n\u00E9");
  REQUIRE(read.entries[1].shape.empty());
  REQUIRE(read.metadata == header.metadata);
}

TEST_CASE("safetensors_header: offsets must fit the file, the shape and each other") {
  const std::string tensor = "m.safetensors: tensor 'w': ";
  const std::string f32 = R"("dtype": "F32", "shape": [2], )";
  REQUIRE(tensor_message(f32 + R"("data_offsets": [0, 8])") == "no error");
  REQUIRE(tensor_message(f32 + R"("data_offsets": [0, 99])") ==
          tensor + "data_offsets out of range; got [0, 99]; expected end <= 8");
  REQUIRE(tensor_message(f32 + R"("data_offsets": [8, 0])") ==
          tensor + "data_offsets run backwards; got [8, 0]");
  REQUIRE(tensor_message(f32 + R"("data_offsets": [0, 7])") ==
          tensor + "data_offsets do not fit the shape; got 7 bytes; expected 8 for F32 [2]");
  const std::string one = R"({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, )";
  const std::string two = one + R"("w": {"dtype": "F32", "shape": [1], "data_offsets": )";
  REQUIRE(parse_message(two + "[4, 8]}}") == "no error");
  const std::string hole = tensor + "data_offsets leave a hole or overlap; got ";
  REQUIRE(parse_message(two + "[0, 4]}}") == hole + "[0, 4]; expected begin 4");
  REQUIRE(parse_message(two + "[3, 7]}}") == hole + "[3, 7]; expected begin 4");
  REQUIRE(parse_message(two + "[5, 9]}}", 9) == hole + "[5, 9]; expected begin 4");
  REQUIRE(parse_message(two + "[4, 8]}}", 9) ==
          "m.safetensors: wrong file size; got 9 bytes of data; expected 8");
  REQUIRE(parse_message("{}", 1) ==
          "m.safetensors: wrong file size; got 1 bytes of data; expected 0");
}

TEST_CASE("safetensors_header: sizes that overflow are errors") {
  const auto shaped = [](const std::string& shape) {
    return tensor_message(R"("dtype": "F32", "data_offsets": [0, 8], "shape": )" + shape);
  };
  REQUIRE(contains(shaped("[4611686018427387904, 4]"), "tensor 'w': shape is too large"));
  REQUIRE(contains(shaped("[4611686018427387904, 4, 0]"), "shape is too large"));
  REQUIRE(
      contains(shaped("[9223372036854775808]"),
               "tensor 'w': shape: invalid value; got 9223372036854775808; expected at most 64"));
  REQUIRE(contains(shaped("[18446744073709551616]"), "shape: invalid value"));
  std::string ones = "[2";
  for (int i = 1; i < 64; ++i) {
    ones += ", 1";
  }
  REQUIRE(shaped(ones + "]") == "no error");
  REQUIRE(contains(shaped(ones + ", 1]"), "got too many dimensions"));
}

TEST_CASE("safetensors_header: numbers are integers that are not negative") {
  const std::string f32 = R"("dtype": "F32", "shape": [2], )";
  for (const char* const value : {"-1", "0.0", "0e0", "null", "false", "\"0\"", "[0]", "{}"}) {
    REQUIRE(contains(tensor_message(f32 + R"("data_offsets": [)" + value + ", 8]"),
                     "m.safetensors: tensor 'w': data_offsets: invalid value; got "));
  }
  REQUIRE(contains(tensor_message(f32 + R"("data_offsets": [0, 8, 8])"), "got 8; expected two"));
  REQUIRE(contains(tensor_message(f32 + R"("data_offsets": [0])"), "got 1 integers; expected two"));
  REQUIRE(contains(tensor_message(f32 + R"("data_offsets": 8)"), "got 8; expected an array"));
}

TEST_CASE("safetensors_header: fields are those of the format, once each") {
  REQUIRE(tensor_message(R"("dtype": "F32", "shape": [2])") ==
          "m.safetensors: tensor 'w': data_offsets is missing");
  REQUIRE(tensor_message("") == "m.safetensors: tensor 'w': dtype is missing");
  REQUIRE(tensor_message(R"("dtype": "F32", "dtype": "F32")") ==
          "m.safetensors: tensor 'w': dtype: occurs twice");
  REQUIRE(contains(tensor_message(R"("strides": [1])"), "tensor 'w': strides: unknown field"));
  REQUIRE(
      tensor_message(R"("dtype": "BF16")") ==
      "m.safetensors: tensor 'w': dtype: dtype is not supported; got 'BF16'; expected F32, F64, "
      "I64 or BOOL");
  REQUIRE(
      contains(tensor_message(R"("dtype": 1)"), "dtype: invalid value; got 1; expected a string"));
  REQUIRE(contains(tensor_message(R"("dtype": ["F32"])"), "got an array; expected a string"));
  REQUIRE(contains(tensor_message(R"("shape": {})"), "got an object; expected an array"));
  REQUIRE(contains(parse_message(R"({"w": 1})"), "tensor 'w': invalid value; got 1"));
  const std::string w = R"("w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]})";
  REQUIRE(parse_message("{" + w + ", " + w + "}") == "m.safetensors: tensor 'w': occurs twice");
}

TEST_CASE("safetensors_header: metadata maps strings to strings, once each") {
  REQUIRE(parse_message(R"({"__metadata__": {"a": 1}})", 0) ==
          "m.safetensors: __metadata__: a: invalid value; got 1; expected a string");
  REQUIRE(parse_message(R"({"__metadata__": {"a": "", "a": ""}})", 0) ==
          "m.safetensors: __metadata__: a: occurs twice");
  REQUIRE(contains(parse_message(R"({"__metadata__": {"a": {}}})", 0), "got an object"));
  REQUIRE(contains(parse_message(R"({"__metadata__": {}, "__metadata__": {}})", 0),
                   "__metadata__: occurs twice"));
}

TEST_CASE("safetensors_header: what is not a JSON object is an error") {
  using std::string_view_literals::operator""sv;
  REQUIRE(contains(parse_message(""), "header does not begin with '{'"));
  REQUIRE(contains(parse_message(" {}"), "header does not begin with '{'"));
  REQUIRE(contains(parse_message("[]"), "header does not begin with '{'"));
  REQUIRE(contains(parse_message("{}{"), "header is not valid JSON at byte 3"));
  REQUIRE(contains(parse_message("{\"\xFF\": 1}"), "header is not valid JSON"));
  REQUIRE(contains(parse_message("{}\0\0"sv, 0), "got a NUL byte"));
  std::string deep = "{\"w\": ";
  deep.append(1'000'000, '[');
  REQUIRE(contains(parse_message(deep), "tensor 'w': invalid value; got an array"));
}

TEST_CASE("safetensors_header: names cannot break the line of an error") {
  REQUIRE(contains(parse_message("{\"a\\nb\": 1}"), "m.safetensors: tensor 'a\\x0Ab': "));
}

}  // namespace
}  // namespace weft::nn
