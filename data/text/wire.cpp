#include "data/text/wire.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "autograd/error.hpp"

namespace weft::data {
namespace {

// Wire types: the three low bits of a field's key say how its value is encoded.
constexpr std::uint64_t kVarint = 0;
constexpr std::uint64_t kBytes = 2;  // the length, then the bytes
constexpr std::uint64_t kFixed32 = 5;

constexpr std::size_t kLongestVarint = 10;  // 64 bits, seven per byte

/// Varint: seven bits per byte, lowest first; every byte but the last has its high bit set.
std::string varint_bytes(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) {
    bytes += static_cast<char>(value | 0x80);
  }
  return bytes + static_cast<char>(value);
}

/// Decodes the varint at the start of the bytes, using only the bytes that belong to it.
struct Varint {
  std::uint64_t value = 0;
  std::size_t size = 0;
};

Varint leading_varint(std::string_view bytes) {
  Varint result;
  for (bool more = true; more && result.size < std::min(bytes.size(), kLongestVarint);) {
    const auto byte = static_cast<unsigned char>(bytes[result.size]);
    result.value |= std::uint64_t{byte & 0x7FU} << (7 * result.size++);
    more = byte >= 0x80;
  }
  return result;
}

std::string key_bytes(const WireField& field, std::uint64_t kind) {
  return varint_bytes(field.number << 3 | kind);
}

}  // namespace

void put(std::string& message, const WireField& field, std::uint64_t value) {
  message += key_bytes(field, kVarint) + varint_bytes(value);
}

void put(std::string& message, const WireField& field, float value) {
  message += key_bytes(field, kFixed32);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (int shift = 0; shift < 32; shift += 8) {
    message += static_cast<char>(bits >> shift);
  }
}

void put(std::string& message, const WireField& field, std::string_view value) {
  message += key_bytes(field, kBytes) + varint_bytes(value.size());
  message += value;
}

WireReader::WireReader(std::string_view bytes, std::string where)
    : rest_(bytes), where_(std::move(where)) {}

bool WireReader::next_is(const WireField& field) const {
  return rest_.starts_with(key_bytes(field, kBytes));
}

void WireReader::read(const WireField& field, std::uint64_t& value) {
  skip_key(field, kVarint);
  value = varint(field);
}

void WireReader::read(const WireField& field, float& value) {
  skip_key(field, kFixed32);
  std::uint32_t bits = 0;
  int shift = 0;
  for (const char byte : take(field, 4)) {
    bits |= std::uint32_t{static_cast<unsigned char>(byte)} << shift;
    shift += 8;
  }
  value = std::bit_cast<float>(bits);
}

void WireReader::read(const WireField& field, std::string_view& value) {
  skip_key(field, kBytes);
  value = take(field, varint(field));
}

void WireReader::end() const {
  if (!rest_.empty()) {
    fail("{}: unexpected field; got {}; expected the end", where_, next());
  }
}

void WireReader::skip_key(const WireField& field, std::uint64_t kind) {
  const std::string key = key_bytes(field, kind);
  if (!rest_.starts_with(key)) {
    fail("{}: unexpected field; got {}; expected field {}, {}", where_, next(), field.number,
         field.name);
  }
  rest_.remove_prefix(key.size());
}

std::uint64_t WireReader::varint(const WireField& field) {
  const auto [value, size] = leading_varint(rest_);
  if (varint_bytes(value) != rest_.substr(0, size)) {
    fail("{}: {}: a number is cut off, too large or padded", where_, field.name);
  }
  rest_.remove_prefix(size);
  return value;
}

std::string_view WireReader::take(const WireField& field, std::uint64_t count) {
  if (count > rest_.size()) {
    fail("{}: {}: cut off; got {} bytes; expected {}", where_, field.name, rest_.size(), count);
  }
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

/// Describes what comes next, for error messages.
std::string WireReader::next() const {
  return rest_.empty() ? "the end" : fmt::format("field {}", leading_varint(rest_).value >> 3);
}

}  // namespace weft::data
