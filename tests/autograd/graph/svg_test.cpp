#include "autograd/graph/graph.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/graph/random_graph.hpp"
#include "tests/catch.hpp"

namespace weft {
namespace {

/// The number of occurrences of `part`.
int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

bool holds(const std::string& text, const std::string& part) { return count(text, part) > 0; }

/// Fails a CHECK if tags are not properly nested, or if one has a duplicate attribute.
void check_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at)) {
    const std::size_t end = xml.find('>', at);
    REQUIRE(end != std::string::npos);
    const std::string tag = xml.substr(at + 1, end - at - 1);
    REQUIRE_FALSE(holds(tag, "<"));
    const std::string name = tag.substr(0, tag.find(' '));
    if (tag.starts_with('/')) {
      REQUIRE_FALSE(open.empty());
      CHECK(open.back() == tag.substr(1));
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(name);
    }
    at = end;
  }
  CHECK(open.empty());
}

Graph small_graph(const std::string& name = "w") {
  const Tensor w = ones({2, 2}).set_requires_grad();
  const Tensor y = tanh(matmul(ones({3, 2}), w));
  return trace({y}, {{name, w}});
}

TEST_CASE("to_svg: title, description, style for light and dark, no scripts, no other files") {
  const std::string svg = to_svg(small_graph(), {.title = "A < B"});
  check_well_formed(svg);
  CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  CHECK(holds(svg, "role=\"img\" aria-labelledby=\"weft-title weft-desc\""));
  CHECK(holds(svg, "<title id=\"weft-title\">A &lt; B</title>"));
  CHECK(holds(svg,
              "<desc id=\"weft-desc\">A graph of 2 ops, 1 leaf, 1 constant, 1 output. "
              "Values flow downwards.</desc>"));
  CHECK(holds(svg, "prefers-color-scheme: dark"));
  CHECK(count(svg, "http") == 1);
  CHECK_FALSE(holds(svg, "<script"));
  CHECK(holds(to_svg(small_graph(), {.description = "Two & two"}), ">Two &amp; two</desc>"));
}

TEST_CASE("to_svg: every box and value is there, with its words") {
  const std::string svg = to_svg(small_graph());
  CHECK(count(svg, "<g class=\"op\">") == 2 + 1);  // and the legend's
  CHECK(count(svg, "<g class=\"leaf\">") == 1 + 1);
  CHECK(count(svg, "<g class=\"group\">") == 0);
  CHECK(count(svg, "<g class=\"value\">") == 4);
  CHECK(holds(svg, "<title>matmul → tanh: [3, 2] float32</title>"));
  CHECK(holds(svg, ">[2, 2] float32</text>"));
  CHECK(count(svg, ">[3, 2]</text>") == 2);
}

TEST_CASE("to_svg: names from outside are escaped, and shortened where they stand") {
  const std::string svg = to_svg(small_graph("<b>&\"quoted\"</b>\x01"));
  check_well_formed(svg);
  CHECK(holds(svg, "&lt;b&gt;&amp;&quot;quoted&quot;&lt;/b&gt;\xEF\xBF\xBD"));
  const std::string name = "a" + std::string(100, 'x') + "z";
  const std::string shortened = to_svg(small_graph(name));
  CHECK(holds(shortened, "<title>" + name + ": "));
  CHECK(holds(shortened, ">a" + std::string(18, 'x') + "…" + std::string(18, 'x') + "z</text>"));
}

TEST_CASE("to_svg: a folded module says what it holds") {
  const std::string svg = to_svg(fold_groups(small_graph("model.w")));
  check_well_formed(svg);
  CHECK(holds(svg, ">model</text>"));
  CHECK(holds(svg, ">1 op, 1 leaf</text>"));
  CHECK(holds(svg, ">module, folded</text>"));
}

TEST_CASE("to_svg: large graphs are well-formed, and always the same") {
  const Graph graph = testing::random_graph(300, 7);
  const std::string svg = to_svg(graph);
  check_well_formed(svg);
  CHECK_FALSE(holds(svg, "nan"));
  CHECK_FALSE(holds(svg, "inf"));
  CHECK(to_svg(graph) == svg);
  check_well_formed(to_svg({}));
}

}  // namespace
}  // namespace weft
