#include "autograd/graph/xml.hpp"
#include "tools/pictures/attention_picture.hpp"

namespace weft::tools {
namespace {

using detail::xml_text;

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Attention</title>
<style>
:root { color-scheme: light dark; --page: #fff; --ink: #1b2733; --line: #d5dbe1; --weight: 31 95 174;
        --true: #c4571b; --panel: #f3f6f9 }
@media (prefers-color-scheme: dark) {
  :root { --page: #12171d; --ink: #e4eaf0; --line: #333d47; --weight: 116 179 255; --true: #ff9a5c;
          --panel: #1b222a }
}
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.45 system-ui, sans-serif }
nav { max-height: 30vh; overflow-y: auto; padding: .5rem 1rem; background: var(--panel);
      border-bottom: 1px solid var(--line) }
nav a { display: block; color: inherit; padding: .15rem 0 }
section { padding: .5rem 1rem 1rem; overflow-x: auto }
h2 { font-size: 1.05rem; margin: .6rem 0 }
.layer { display: flex; gap: 1.5rem; margin-bottom: 1rem }
caption { text-align: left; padding: .2rem 0; font: 14px system-ui, sans-serif }
table { border-collapse: collapse; font: 13px ui-monospace, Menlo, Consolas, monospace }
thead th { writing-mode: vertical-rl; transform: rotate(180deg); text-align: left; padding: .35rem .1rem;
           font-weight: normal; white-space: nowrap }
tbody th { text-align: right; padding: 0 .5rem; font-weight: normal; white-space: nowrap;
           position: sticky; left: 0; background: var(--page) }
td { min-width: 1.6rem; height: 1.6rem; padding: 0; border: 1px solid var(--line);
     background: rgb(var(--weight) / var(--w)) }
td.true { outline: 2px solid var(--true); outline-offset: -3px }
td:focus, td:hover { outline: 3px solid var(--ink); outline-offset: -2px }
output { position: sticky; bottom: 0; display: block; padding: .5rem 1rem; min-height: 1.45em;
         background: var(--panel); border-top: 1px solid var(--line) }
</style>
</head>
<body>
)";

constexpr std::string_view kTail =
    R"(<output>Point at a cell, or move with Tab and the arrow keys.</output>
<script>
const out = document.querySelector('output');
const show = cell => {
  const row = cell.parentNode, table = cell.closest('table');
  const source = table.tHead.rows[0].cells[cell.cellIndex].textContent;
  const real = cell.classList.contains('true') ? ', a true link' : '';
  out.textContent = `${row.cells[0].textContent} ← ${source}: ${cell.dataset.w}${real}`;
};
for (const table of document.querySelectorAll('table')) {
  table.addEventListener('mouseover', e => e.target.matches('td') && show(e.target));
  table.addEventListener('focusin', e => e.target.matches('td') && show(e.target));
  table.addEventListener('keydown', e => {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    const step = steps[e.key];
    if (!step || !e.target.matches('td')) return;
    const row = table.rows[e.target.parentNode.rowIndex + step[0]];
    const next = row && row.cells[e.target.cellIndex + step[1]];
    if (next && next.matches('td')) { next.focus(); e.preventDefault(); }
  });
}
</script>
</body>
</html>
)";

void draw_table(const AttentionPicture& picture, std::string& html) {
  html += "<table>\n";
  if (picture.layer > 0) {
    html += fmt::format("<caption>{}</caption>\n", picture.part());
  }
  html += "<thead><tr><th></th>";
  for (const std::string& token : picture.source) {
    html += fmt::format("<th scope=\"col\">{}</th>", xml_text(token));
  }
  html += "</tr></thead>\n<tbody>\n";
  for (std::size_t t = 0; t < picture.target.size(); ++t) {
    html += fmt::format("<tr><th scope=\"row\">{}</th>", xml_text(picture.target[t]));
    for (std::size_t s = 0; s < picture.source.size(); ++s) {
      const bool real =
          picture.truth.contains({static_cast<std::int64_t>(s), static_cast<std::int64_t>(t)});
      html += fmt::format("<td{} tabindex=\"{}\" style=\"--w:{:.3f}\" data-w=\"{:.3f}\"></td>",
                          real ? " class=\"true\"" : "", s == 0 && t == 0 ? 0 : -1,
                          picture.weights[t][s], picture.weights[t][s]);
    }
    html += "</tr>\n";
  }
  html += "</tbody>\n</table>\n";
}

/// A section: a picture, or one for each head with the layers below each other. Returns the number
/// of the next picture that is not part of it.
std::size_t draw_section(const std::vector<AttentionPicture>& pictures, std::size_t i,
                         std::string& html) {
  html += fmt::format("<section id=\"s{}\">\n<h2>{}</h2>\n", i + 1, xml_text(pictures[i].title));
  do {
    const std::int64_t layer = pictures[i].layer;
    html += "<div class=\"layer\">\n";
    do {
      draw_table(pictures[i], html);
      ++i;
    } while (i < pictures.size() && !pictures[i].first && pictures[i].layer == layer);
    html += "</div>\n";
  } while (i < pictures.size() && !pictures[i].first);
  html += "</section>\n";
  return i;
}

}  // namespace

std::string draw_html(const std::vector<AttentionPicture>& pictures) {
  std::string html(kHead);
  html += "<nav aria-label=\"Sentences\">\n";
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (pictures[i].first) {
      html += fmt::format("<a href=\"#s{}\">{}</a>\n", i + 1, xml_text(pictures[i].title));
    }
  }
  html += "</nav>\n";
  for (std::size_t i = 0; i < pictures.size();) {
    i = draw_section(pictures, i, html);
  }
  html += kTail;
  return html;
}

}  // namespace weft::tools
