#include "data/text/style.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <string_view>

#include "data/scores/score_text.hpp"

namespace weft::data {
namespace {

/// A kind of letter counts as usual in a text if at least this share of its lines has one.
constexpr double kUsual = 0.1;

bool has_letter(std::u32string_view line, utf8proc_category_t kind) {
  return std::any_of(line.begin(), line.end(), [kind](char32_t c) {
    return utf8proc_category(static_cast<utf8proc_int32_t>(c)) == kind;
  });
}

bool is_western_mark(char32_t c) { return c == U'.' || c == U','; }
bool is_chinese_mark(char32_t c) { return c == U'\u3002' || c == U'\uFF0C'; }

/// Counts the periods and commas of a line, except those inside words and numbers.
void count_marks(std::u32string_view line, TextStyle& style) {
  for (std::size_t i = 1; i < line.size(); ++i) {
    const bool ends_word = i + 1 == line.size() || is_space(line[i + 1]);
    if (is_chinese_mark(line[i]) || (is_western_mark(line[i]) && ends_word)) {
      ++(is_space(line[i - 1]) ? style.spaced_marks : style.attached_marks);
    }
  }
}

}  // namespace

TextStyle text_style(std::span<const std::string> lines) {
  TextStyle style;
  const double share = 1 / static_cast<double>(lines.size());
  for (const std::string& line : lines) {
    const std::u32string text = characters_of(line, LetterCase::mixed);
    style.lower_lines += has_letter(text, UTF8PROC_CATEGORY_LL) ? share : 0;
    style.upper_lines += has_letter(text, UTF8PROC_CATEGORY_LU) ? share : 0;
    count_marks(text, style);
  }
  return style;
}

bool case_differs(const TextStyle& a, const TextStyle& b) {
  return (a.all_lower() && b.upper_lines >= kUsual) || (b.all_lower() && a.upper_lines >= kUsual) ||
         (a.all_upper() && b.lower_lines >= kUsual) || (b.all_upper() && a.lower_lines >= kUsual);
}

bool tokenization_differs(const TextStyle& a, const TextStyle& b) {
  return (a.looks_tokenized() && b.looks_raw()) || (b.looks_tokenized() && a.looks_raw());
}

}  // namespace weft::data
