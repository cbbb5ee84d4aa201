#include "data/text/wire.hpp"

#include <limits>

#include "tests/catch.hpp"
#include "tests/data/text/subword_message.hpp"
#include "tests/models/message_of.hpp"

namespace weft::data {
namespace {

using models::message_of;

constexpr WireField kFirst{1, "first"};
constexpr WireField kFar{2000, "far"};

template <class T>
T read(std::string_view bytes, const WireField& field = kFirst) {
  WireReader message(bytes, "m");
  T value{};
  message.read(field, value);
  message.end();
  return value;
}

std::string fault_of_integer(std::string_view bytes) {
  return message_of([&] { read<std::uint64_t>(bytes); });
}

TEST_CASE("wire: what is put is read again, as Protocol Buffers write it") {
  std::string bytes;
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128},
                                    std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    bytes.clear();
    put(bytes, kFar, value);
    CHECK(bytes == wire::number(2000, value));
    CHECK(read<std::uint64_t>(bytes, kFar) == value);
  }
  for (const float value : {0.0F, -1.5F, std::numeric_limits<float>::infinity()}) {
    bytes.clear();
    put(bytes, kFirst, value);
    CHECK(bytes == wire::real(1, value));
    CHECK(read<float>(bytes) == value);
  }
  for (const std::string& value : {std::string(), std::string("\0é", 3), std::string(300, 'x')}) {
    bytes.clear();
    put(bytes, kFirst, std::string_view(value));
    CHECK(bytes == wire::text(1, value));
    CHECK(read<std::string_view>(bytes) == value);
  }
}

TEST_CASE("wire: fields stand where they are expected, and once") {
  const std::string two = wire::number(1, 5) + wire::number(1, 6);
  CHECK(fault_of_integer(two) == "m: unexpected field; got field 1; expected the end");
  CHECK(fault_of_integer("") == "m: unexpected field; got the end; expected field 1, first");
  for (const std::string& other : {wire::number(7, 5), wire::real(1, 5), wire::text(1, "5"),
                                   std::string("\x09\0\0\0\0\0\0\0\0", 9),  // 8 bytes
                                   std::string("\x0B\x0C"),                 // a group
                                   std::string("\x88\x00\x05", 3),          // a padded key
                                   std::string(20, '\xFF')}) {
    CHECK(fault_of_integer(other).starts_with("m: unexpected field; got field "));
  }
  WireReader message(two, "m");
  CHECK_FALSE(message.next_is(kFirst));  // no bytes
  CHECK(WireReader(wire::text(1, ""), "m").next_is(kFirst));
}

TEST_CASE("wire: numbers end, fit 64 bits and are as short as can be") {
  for (const std::string_view number :
       {"", "\x80", "\x85\x80\x80", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
        "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"}) {
    CHECK(fault_of_integer("\x08" + std::string(number)) ==
          "m: first: a number is cut off, too large or padded");
  }
  CHECK(fault_of_integer(std::string("\x08\x85\x00", 3)) ==
        "m: first: a number is cut off, too large or padded");
}

TEST_CASE("wire: lengths end within the message") {
  CHECK(message_of([] { read<std::string_view>("\x0A\x03xy"); }) ==
        "m: first: cut off; got 2 bytes; expected 3");
  CHECK(message_of([] { read<std::string_view>("\x0A" + wire::varint(~std::uint64_t{0})); }) ==
        "m: first: cut off; got 0 bytes; expected 18446744073709551615");
  CHECK(message_of([] { read<float>("\x0Dxyz"); }) == "m: first: cut off; got 3 bytes; expected 4");
}

}  // namespace
}  // namespace weft::data
