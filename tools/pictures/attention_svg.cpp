#include <algorithm>

#include "autograd/graph/xml.hpp"
#include "tools/pictures/attention_picture.hpp"

namespace weft::tools {
namespace {

using detail::xml_text;

// In pixels. The text is monospaced, so that its width is known without the font.
constexpr double kCell = 24;
constexpr double kColumn = 7.9;  ///< width of a character at 13 pixels
constexpr double kMargin = 24;
constexpr double kTitle = 34;
constexpr double kGap = 8;                ///< between labels and cells
constexpr std::size_t kMostColumns = 24;  ///< longer tokens are cut; tooltips show all of them

constexpr std::string_view kStyle = R"(
    .attention { font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace }
    .attention text { fill: #1b2733 }
    .attention .title { font: bold 15px system-ui, sans-serif }
    .attention .page { fill: #ffffff }
    .attention .grid { fill: none; stroke: #d5dbe1 }
    .attention .weight { fill: #1f5fae; stroke: #d5dbe1 }
    .attention .true { fill: none; stroke: #c4571b; stroke-width: 2.5 }
    @media (prefers-color-scheme: dark) {
      .attention text { fill: #e4eaf0 }
      .attention .page { fill: #12171d }
      .attention .grid { stroke: #333d47 }
      .attention .weight { fill: #74b3ff; stroke: #333d47 }
      .attention .true { stroke: #ff9a5c }
    }
)";

std::string label(const std::string& token) { return detail::shortened(token, kMostColumns); }

double widest(const std::vector<std::string>& tokens) {
  std::size_t most = 0;
  for (const std::string& token : tokens) {
    most = std::max(most, detail::columns(label(token)));
  }
  return static_cast<double>(most) * kColumn;
}

/// What stands above a picture: the translation is named above its first one, if it has several.
std::string heading(const AttentionPicture& picture) {
  return picture.layer == 0 ? picture.title : picture.part();
}

/// The position of a picture's cells, and its size.
struct Layout {
  double left, top, width, height;
};

Layout layout_of(const AttentionPicture& picture) {
  const double left = kMargin + widest(picture.target) + kGap;
  const double top = kMargin + kTitle + widest(picture.source) + kGap;
  const double cells = kCell * static_cast<double>(picture.source.size());
  const double title = kColumn * 1.2 * static_cast<double>(detail::columns(heading(picture)));
  return {left, top, std::max(left + cells, kMargin + title) + kMargin,
          top + kCell * static_cast<double>(picture.target.size()) + kMargin};
}

void draw_cell(const AttentionPicture& picture, const Layout& at, std::size_t t, std::size_t s,
               std::string& svg) {
  const float weight = picture.weights[t][s];
  const double x = at.left + kCell * static_cast<double>(s);
  const double y = at.top + kCell * static_cast<double>(t);
  svg += fmt::format(
      "<rect class=\"weight\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" "
      "fill-opacity=\"{:.3f}\"><title>{} ← {}: {:.3f}</title></rect>\n",
      x, y, kCell, kCell, weight, xml_text(picture.target[t]), xml_text(picture.source[s]), weight);
  if (picture.truth.contains({static_cast<std::int64_t>(s), static_cast<std::int64_t>(t)})) {
    svg +=
        fmt::format("<rect class=\"true\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\"/>\n",
                    x + 2, y + 2, kCell - 4, kCell - 4);
  }
}

void draw_picture(const AttentionPicture& picture, double x, double y, std::string& svg) {
  const Layout at = layout_of(picture);
  svg += fmt::format("<g transform=\"translate({:.1f} {:.1f})\">\n", x, y);
  svg += fmt::format("<text class=\"title\" x=\"{}\" y=\"{}\">{}</text>\n", kMargin, kMargin + 14,
                     xml_text(heading(picture)));
  for (std::size_t s = 0; s < picture.source.size(); ++s) {
    svg += fmt::format("<text transform=\"translate({:.1f} {:.1f}) rotate(-90)\">{}</text>\n",
                       at.left + kCell * (static_cast<double>(s) + 0.5) + 4, at.top - kGap,
                       xml_text(label(picture.source[s])));
  }
  for (std::size_t t = 0; t < picture.target.size(); ++t) {
    svg += fmt::format("<text text-anchor=\"end\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n",
                       at.left - kGap, at.top + kCell * (static_cast<double>(t) + 0.5) + 4,
                       xml_text(label(picture.target[t])));
    for (std::size_t s = 0; s < picture.source.size(); ++s) {
      draw_cell(picture, at, t, s, svg);
    }
  }
  svg += fmt::format(
      "<rect class=\"grid\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n</g>\n",
      at.left, at.top, kCell * static_cast<double>(picture.source.size()),
      kCell * static_cast<double>(picture.target.size()));
}

}  // namespace

std::string draw_svg(const std::vector<AttentionPicture>& pictures) {
  double width = 200;
  double height = 0;
  double x = 0;  // heads of a layer stand side by side
  std::string body;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const AttentionPicture& picture = pictures[i];
    if (picture.first && picture.layer > 0) {
      body += fmt::format("<text class=\"title\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", kMargin,
                          height + kMargin + 14, xml_text(picture.title));
      height += kMargin + kTitle;
    }
    draw_picture(picture, x, height, body);
    const Layout at = layout_of(picture);
    x += at.width;
    width = std::max(width, x);
    if (i + 1 == pictures.size() || pictures[i + 1].first ||
        pictures[i + 1].layer != picture.layer) {
      x = 0;
      height += at.height;
    }
  }
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"attention\" role=\"img\" "
      "width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\">\n"
      "<title>Attention in {2} pictures</title>\n<style>{3}</style>\n"
      "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n{4}</svg>\n",
      width, height, pictures.size(), kStyle, body);
}

}  // namespace weft::tools
