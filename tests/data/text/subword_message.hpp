#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/error.hpp"

/// Models of subwords spelt out byte by byte, so that any of them can be wrong: a ModelProto of
/// SentencePiece, in Protocol Buffers' wire format.
namespace weft::data::wire {

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) {
    bytes += static_cast<char>(0x80 | value);
  }
  return bytes + static_cast<char>(value);
}

inline std::string number(std::uint64_t field, std::uint64_t value) {
  return varint(field << 3) + varint(value);
}

inline std::string text(std::uint64_t field, std::string_view bytes) {
  return varint(field << 3 | 2) + varint(bytes.size()) + std::string(bytes);
}

inline std::string real(std::uint64_t field, float value) {
  std::string bytes = varint(field << 3 | 5);
  for (int shift = 0; shift < 32; shift += 8) {
    bytes += static_cast<char>(std::bit_cast<std::uint32_t>(value) >> shift);
  }
  return bytes;
}

inline std::string piece(std::string_view piece, float score = -1) {
  return text(1, piece) + real(2, score);
}

/// A model of the pieces "▁", "▁a" and "b".
struct ModelMessage {
  std::vector<std::string> pieces;
  std::string trainer = number(3, 1) + number(4, 263) + real(10, 1) + number(16, 1) +
                        number(18, 1 << 20) + number(33, 0) + number(35, 1) + number(40, 3) +
                        number(41, 1) + number(42, 2) + number(43, 0) + text(45, "<unk>") +
                        text(46, "<bos>") + text(47, "<eos>") + text(48, "<pad>");
  std::string normalizer = text(1, "identity") + text(2, "");
  std::string rest;  ///< behind all else

  ModelMessage() {
    for (const char* special : {"<pad>", "<bos>", "<eos>"}) {
      pieces.push_back(piece(special, 0) + number(3, 3));
    }
    pieces.push_back(piece("<unk>", 0) + number(3, 2));
    for (int byte = 0; byte < 256; ++byte) {
      pieces.push_back(piece(fmt::format("<0x{:02X}>", byte), 0) + number(3, 6));
    }
    for (const char* learnt : {"▁", "▁a", "b"}) {
      pieces.push_back(piece(learnt));
    }
  }

  std::string bytes() const {
    std::string all;
    for (const std::string& each : pieces) {
      all += text(1, each);
    }
    return all + text(2, trainer) + text(3, normalizer) + rest;
  }
};

/// A character map that SentencePiece reads beyond its end: a double array of one unit, whose first
/// step leads far away.
inline std::string hostile_charsmap() {
  return std::string("\x04\0\0\0", 4) + "\x7F\xFF\xFF\x7F" + std::string(1, '\0');
}

}  // namespace weft::data::wire
