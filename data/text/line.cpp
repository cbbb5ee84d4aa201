#include "data/text/line.hpp"

#include "autograd/characters.hpp"

namespace weft::data {

bool has_control(std::string_view text) {
  while (!text.empty()) {
    const Character character = first_character(text);
    if (is_control(character.code) && character.code != '\t') {
      return true;
    }
    text.remove_prefix(character.bytes.size());
  }
  return false;
}

std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const Character character = first_character(text);
    if (is_line_end(character.code)) {
      line += ' ';
    } else {
      line += character.bytes;
    }
    text.remove_prefix(character.bytes.size());
  }
  return line;
}

}  // namespace weft::data
