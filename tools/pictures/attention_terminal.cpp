#include <algorithm>
#include <array>

#include "autograd/graph/xml.hpp"
#include "autograd/printable.hpp"
#include "data/text/utf8.hpp"
#include "tools/pictures/attention_picture.hpp"

namespace weft::tools {
namespace {

constexpr std::size_t kCell = 2;         // columns
constexpr std::size_t kMostLabel = 16;   // columns per target token
constexpr std::size_t kMostHeader = 10;  // lines per source token
constexpr std::size_t kLeastCells = 4;   // per block, however narrow the terminal

/// Five shades, for weights up to 0.1, 0.3, 0.5, 0.75 and above.
std::string_view shade(float weight) {
  constexpr std::array<std::string_view, 5> kShades = {" ", "░", "▒", "▓", "█"};
  constexpr std::array<float, 4> kLimits = {0.1F, 0.3F, 0.5F, 0.75F};
  const auto above = std::ranges::count_if(kLimits, [&](float limit) { return weight > limit; });
  return kShades.at(static_cast<std::size_t>(above));
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t own = detail::columns(text);
  return text + std::string(width > own ? width - own : 0, ' ');
}

/// The characters of a token, one per line of the header; a long token ends with an ellipsis.
std::vector<std::string> downwards(const std::string& token) {
  std::vector<std::string> lines;
  for (const std::string_view cluster : data::graphemes(token)) {
    lines.emplace_back(cluster);
  }
  if (lines.size() > kMostHeader) {
    lines.resize(kMostHeader - 1);
    lines.emplace_back("⋮");
  }
  return lines;
}

/// The tokens, escaped for a terminal.
std::vector<std::string> escaped_all(std::vector<std::string> tokens) {
  std::ranges::transform(tokens, tokens.begin(), [](const auto& token) { return escaped(token); });
  return tokens;
}

/// The header with source tokens [begin, end), aligned to end on its last line.
std::vector<std::string> header(const std::vector<std::string>& source, std::size_t begin,
                                std::size_t end, std::size_t label) {
  std::vector<std::vector<std::string>> tokens;
  std::size_t height = 0;
  for (std::size_t s = begin; s < end; ++s) {
    tokens.push_back(downwards(source[s]));
    height = std::max(height, tokens.back().size());
  }
  std::vector<std::string> lines(height, std::string(label + 1, ' '));
  for (const std::vector<std::string>& token : tokens) {
    for (std::size_t line = 0; line < height; ++line) {
      const std::size_t empty = height - token.size();
      lines[line] += padded(line < empty ? "" : token[line - empty], kCell);
    }
  }
  return lines;
}

}  // namespace

std::vector<std::string> draw_terminal(const AttentionPicture& picture, std::size_t columns,
                                       bool color) {
  const std::vector<std::string> source = escaped_all(picture.source);
  const std::vector<std::string> target = escaped_all(picture.target);
  std::size_t label = 0;
  for (const std::string& token : target) {
    label = std::max(label, detail::columns(detail::shortened(token, kMostLabel)));
  }
  const std::size_t room = columns > label + 1 ? (columns - label - 1) / kCell : 0;
  const std::size_t block = std::max(room, kLeastCells);
  const std::string on = color ? "\x1b[1;32m" : "";
  const std::string off = color ? "\x1b[0m" : "";
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < source.size(); begin += block) {
    const std::size_t end = std::min(begin + block, source.size());
    std::ranges::move(header(source, begin, end, label), std::back_inserter(lines));
    for (std::size_t t = 0; t < target.size(); ++t) {
      std::string line = padded(detail::shortened(target[t], kMostLabel), label) + ' ';
      for (std::size_t s = begin; s < end; ++s) {
        const std::string_view glyph = shade(picture.weights[t][s]);
        const bool real =
            picture.truth.contains({static_cast<std::int64_t>(s), static_cast<std::int64_t>(t)});
        line += fmt::format("{}{}", glyph, real ? on + "•" + off : std::string(glyph));
      }
      line.erase(line.find_last_not_of(' ') + 1);
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

}  // namespace weft::tools
