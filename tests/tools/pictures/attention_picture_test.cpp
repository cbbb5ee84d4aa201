#include "tools/pictures/attention_picture.hpp"

#include <cmath>

#include "tests/catch.hpp"

namespace weft::tools {
namespace {

using Lines = std::vector<std::string>;

AttentionPicture picture() {
  return {"1. the <cat>",
          {"the", "<cat>"},
          {"le", "chat", "."},
          {{0.9F, 0.1F}, {0.25F, 0.75F}, {0.4F, 0.6F}},
          {{0, 0}, {1, 1}}};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Found links 0-0, 1-1, 1-2; true ones 0-0, 1-1: 1 - 2 * 2 / (3 + 2).
TEST_CASE("attention: the alignment error rate by hand") {
  CHECK(hard_alignment(picture()) == Alignment{{0, 0}, {1, 1}, {1, 2}});
  CHECK(alignment_error_rate({picture()}) == Approx(0.2));
  AttentionPicture wrong = picture();
  wrong.truth = {{1, 0}};
  CHECK(alignment_error_rate({wrong}) == Approx(1));
  AttentionPicture unknown = picture();
  unknown.truth.clear();
  CHECK(std::isnan(alignment_error_rate({unknown})));
  // Together: (2 * 2) of 5, and none of 4; the one without true links does not count.
  CHECK(alignment_error_rate({picture(), wrong, unknown}) == Approx(1 - 4.0 / 9));
}

TEST_CASE("attention: a terminal shows tokens downwards, shades, and dots at true links") {
  CHECK(draw_terminal(picture(), 80, false) == Lines{"       < ",  // five letters
                                                     "       c ",  //
                                                     "     t a ",  //
                                                     "     h t ",  //
                                                     "     e > ",  //
                                                     "le   █•", "chat ░░▓•", ".    ▒▒▓▓"});
  CHECK(contains(draw_terminal(picture(), 80, true)[5], "\x1b[1;32m•\x1b[0m"));
}

TEST_CASE("attention: tokens cannot command a terminal") {
  AttentionPicture hostile = picture();
  hostile.source[1] = "\u009B";
  hostile.target[1] = "\x1B[2J\u202E";
  const Lines drawn = draw_terminal(hostile, 80, false);
  CHECK(Lines(drawn.begin(), drawn.begin() + 6) ==
        Lines{"                \\ ", "                u ", "                0 ",
              "              t 0 ", "              h 9 ", "              e B "});
  CHECK(contains(drawn[7], "\\x1B[2J\\u202E "));
}

std::int64_t count(const std::string& text, const std::string& part) {
  std::int64_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST_CASE("attention: the heads of a translation share a section, a layer below the other") {
  std::vector<AttentionPicture> pictures;
  for (const std::int64_t layer : {1, 2}) {
    for (const std::int64_t head : {1, 2, 3}) {
      pictures.push_back(picture());
      pictures.back().layer = layer;
      pictures.back().head = head;
      pictures.back().first = pictures.size() == 1;
    }
  }
  pictures.push_back(picture());
  const std::string html = draw_html(pictures);
  CHECK(count(html, "<section") == 2);
  CHECK(count(html, "<a href") == 2);
  CHECK(count(html, "class=\"layer\"") == 3);
  CHECK(contains(html, "<caption>layer 2, head 3</caption>"));
  const std::string svg = draw_svg(pictures);
  CHECK(count(svg, "1. the &lt;cat&gt;</text>") == 2);
  CHECK(count(svg, ">layer ") == 6);
  CHECK(count(svg, "<g transform=\"translate(0.0 ") == 3);
}

TEST_CASE("attention: what is too wide for a terminal goes on below") {
  AttentionPicture wide = picture();
  wide.source = Lines(30, "猫");
  wide.weights = std::vector<std::vector<float>>(3, std::vector<float>(30, 0.2F));
  wide.truth.clear();
  const Lines lines = draw_terminal(wide, 45, false);
  CHECK(lines.size() == 2 * (1 + 3));  // (45 - 5) / 2 cells, then the other ten
  CHECK(lines[1] == "le   " + [] {
    std::string cells;
    for (int i = 0; i < 40; ++i) cells += "░";
    return cells;
  }());
  CHECK(draw_terminal(wide, 1, false).size() == 8 * 4);  // four cells at least
}

TEST_CASE("attention: files escape their text and hold every weight") {
  for (const std::string& file : {draw_svg({picture(), picture()}), draw_html({picture()})}) {
    CHECK(contains(file, "1. the &lt;cat&gt;"));
    CHECK_FALSE(contains(file, "<cat>"));
    CHECK(contains(file, "0.750"));
    CHECK(contains(file, "prefers-color-scheme: dark"));
    CHECK_FALSE(contains(file, "src="));  // nothing external
  }
  CHECK(contains(draw_svg({picture()}), "chat ← &lt;cat&gt;: 0.750"));
  CHECK(contains(draw_html({picture()}), "<td class=\"true\" tabindex=\"0\" style=\"--w:0.900\""));
  CHECK(draw_svg({}).ends_with("</svg>\n"));
}

}  // namespace
}  // namespace weft::tools
