#include "autograd/graph/xml.hpp"

#include <vector>

#include "autograd/characters.hpp"

namespace weft::detail {
namespace {

std::vector<Character> characters(std::string_view text) {
  std::vector<Character> result;
  while (!text.empty()) {
    result.push_back(first_character(text));
    text.remove_prefix(result.back().bytes.size());
  }
  return result;
}

/// Chinese, Japanese and Korean characters and emoji, roughly.
bool is_wide(char32_t code) {
  return (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
         (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
         (code >= 0xFF00 && code <= 0xFF60) || code >= 0x1F300;
}

bool is_xml(char32_t code) {
  return code == '\t' || code == '\n' || (code >= ' ' && code != 0xFFFE && code != 0xFFFF);
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string result;
  for (const Character& character : characters(text)) {
    if (character.code == kReplacement || !is_xml(character.code)) {
      result += "\xEF\xBF\xBD";
    } else if (character.code == '&') {
      result += "&amp;";
    } else if (character.code == '<') {
      result += "&lt;";
    } else if (character.code == '>') {
      result += "&gt;";
    } else if (character.code == '"') {
      result += "&quot;";
    } else {
      result += character.bytes;
    }
  }
  return result;
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  for (const Character& character : characters(text)) {
    count += is_wide(character.code) ? 2 : 1;
  }
  return count;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (columns(text) <= most) {
    return std::string(text);
  }
  const std::vector<Character> all = characters(text);
  std::string begin;
  std::string end;
  const std::size_t half = (most - 1) / 2;
  for (std::size_t i = 0; columns(begin) + columns(all[i].bytes) <= half; ++i) {
    begin += all[i].bytes;
  }
  for (std::size_t i = all.size(); columns(end) + columns(all[i - 1].bytes) <= half; --i) {
    end.insert(0, all[i - 1].bytes);
  }
  return begin + "…" + end;
}

}  // namespace weft::detail
