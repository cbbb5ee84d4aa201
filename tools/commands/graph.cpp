#include "autograd/graph/graph.hpp"

#include <algorithm>
#include <array>

#include "autograd/ops.hpp"
#include "autograd/suggest.hpp"
#include "nn/gru.hpp"
#include "nn/linear.hpp"
#include "nn/loss.hpp"
#include "tools/commands/commands.hpp"
#include "tools/flags/options.hpp"
#include "tools/measure/machine.hpp"
#include "tools/terminal/output.hpp"

// `weft graph`: draws what a few small computations record on the tape.
namespace weft::tools {
namespace {

using NamedTensors = nn::NamedTensors;

Tensor leaf(const Shape& shape) { return zeros(shape).set_requires_grad(); }

Graph expression() {
  const Tensor x = zeros({4, 3});
  const Tensor W = leaf({3, 2});
  const Tensor b = leaf({2});
  const Tensor y = tanh(matmul(x, W) + b);  // [4, 2]
  const Tensor loss = mean(y * y);
  return trace({loss}, {{"W", W}, {"b", b}, {"y", y}, {"loss", loss}});
}

Graph gru_cell() {
  const nn::GRUCell cell(5, 8);
  const Tensor x = leaf({4, 5});
  const Tensor h = leaf({4, 8});
  const Tensor next = cell.forward(x, h);  // [4, 8]
  NamedTensors names = cell.named_parameters();
  names.insert(names.end(), {{"x", x}, {"h", h}, {"h'", next}});
  return trace({next}, names);
}

Graph gru() {
  const nn::GRU gru(5, 8);
  const nn::GRUOutput y = gru.forward(zeros({3, 4, 5}));
  NamedTensors names = gru.named_parameters();
  names.insert(names.end(), {{"output", y.output}, {"h_n", y.h_n}});
  return trace({y.output, y.h_n}, names);
}

struct Model : nn::Module {
  Model() { child("hidden", hidden), child("output", output); }
  Tensor forward(const Tensor& x) const { return output.forward(tanh(hidden.forward(x))); }
  nn::Linear hidden{2, 8};
  nn::Linear output{8, 2};
};

Graph training_step() {
  const Model model;
  const Tensor logits = model.forward(zeros({4, 2}));  // [4, 2]
  const Tensor targets = tensor<std::int64_t>({0, 1, 1, 0}, {4});
  const Tensor loss = nn::CrossEntropyLoss().forward(logits, targets);
  NamedTensors names = model.named_parameters();
  names.insert(names.end(), {{"logits", logits}, {"loss", loss}});
  return trace({loss}, names);
}

struct PictureFlags {
  std::string out = data::option(&out, "out", "", "file to write; without it, DOT goes to stdout",
                                 {.placeholder = "FILE.svg|FILE.dot"});
  bool fold =
      data::option(&fold, "fold", false, "draw each module as a single box", {.toggle = true});
};

struct GraphFlags : PictureFlags, CommonFlags {};

struct Example {
  std::string_view name;
  std::string_view title;
  Graph (*make)();
};

constexpr std::array<Example, 4> kExamples = {{
    {"expression", "mean(y * y) with y = tanh(x W + b)", expression},
    {"gru-cell", "One step of a GRU", gru_cell},
    {"gru", "A GRU over three steps", gru},
    {"training-step", "A training step: the loss of a model with two layers", training_step},
}};

const Example& find_example(const std::string& name) {
  const auto found = std::ranges::find(kExamples, name, &Example::name);
  if (found == kExamples.end()) {
    std::vector<std::string_view> names;
    std::ranges::transform(kExamples, std::back_inserter(names), &Example::name);
    misuse("graph: unknown example {}; expected {}{}", models::printable(name),
           fmt::join(names, " or "), did_you_mean(name, names));
  }
  return *found;
}

/// The picture, in the format given by the file's extension; DOT for standard output.
std::string picture(const Example& example, bool fold, const std::string& path) {
  const bool svg = path.ends_with(".svg");
  if (!svg && !path.empty() && !path.ends_with(".dot")) {
    misuse("graph: --out is a .svg or a .dot file; got {}", models::printable(path));
  }
  const Graph whole = example.make();
  const Graph graph = fold ? fold_groups(whole) : whole;
  return svg ? to_svg(graph, {.title = std::string(example.title)}) : to_dot(graph);
}

}  // namespace

int graph(const Arguments& arguments) {
  std::vector<std::string> names;
  GraphFlags flags;
  Options options("graph",
                  "Draws the graph that one of a few small computations records on the tape.");
  options.positional("NAME", names, "computation to draw; without a name, lists them");
  options.add(flags);
  options.parse(arguments);
  use_threads(flags.threads);
  if (names.size() > 1 || (names.empty() && (flags.fold || !flags.out.empty()))) {
    misuse("graph: expected nothing, or NAME [--out FILE.svg|FILE.dot] [--fold]");
  }
  if (names.empty()) {
    Output output;
    for (const Example& example : kExamples) {
      output.line(fmt::format("{:<14} {}", example.name, example.title));
    }
    output.close();
    return 0;
  }
  std::string text = picture(find_example(names.front()), flags.fold, flags.out);
  text.pop_back();  // the final line end, which `verbatim` adds
  Output output(flags.out);
  output.verbatim(text);
  output.close();
  return 0;
}

}  // namespace weft::tools
