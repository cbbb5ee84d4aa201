#include "nn/module.hpp"

#include "autograd/ops.hpp"
#include "tests/catch.hpp"

namespace weft::nn {
namespace {

struct Leaf : Module {
  Leaf() : weight(parameter("weight", {2, 3})), bias(parameter("bias", {2})) {}
  Tensor weight;
  Tensor bias;
};

struct Tree : Module {
  Tree() : scale(parameter("scale", {1})) {
    child("first", first);
    child("second", second);
  }
  Leaf first;
  Leaf second;
  Tensor scale;
};

/// A module whose constructor registers one name; the second name makes it fail.
struct Named : Module {
  Named(const std::string& first, const std::string& second, const Shape& shape = {1}) {
    parameter(first, {1});
    parameter(second, shape);
  }
};

std::vector<std::string> names(const Module& module) {
  std::vector<std::string> result;
  for (const auto& [name, tensor] : module.named_parameters()) {
    result.push_back(name);
  }
  return result;
}

std::string error_of(Module& module, const NamedTensors& state) {
  try {
    module.load_state(state);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("parameters have dotted names in the order of registration") {
  const Tree tree;
  CHECK(names(tree) == std::vector<std::string>{"scale", "first.weight", "first.bias",
                                                "second.weight", "second.bias"});
  CHECK(tree.num_parameters() == 1 + 2 * (6 + 2));
}

TEST_CASE("the registry holds the member itself") {
  Tree tree;
  CHECK(tree.parameters()[1].is_same(tree.first.weight));
  CHECK(tree.first.weight.requires_grad());
  tree.to(DType::float64);
  CHECK(tree.first.weight.dtype() == DType::float64);
  CHECK(tree.first.weight.requires_grad());
}

TEST_CASE("a name is one word, used once") {
  CHECK_THROWS_WITH(Named("a", "a"),
                    "Module: name used twice; got 'a' again; expected another name");
  CHECK_THROWS_WITH(
      Named("a", "b.c"),
      "Module: bad name of a parameter or child; got 'b.c'; expected one word without dots");
  CHECK_THROWS_WITH(
      Named("a", ""),
      "Module: bad name of a parameter or child; got ''; expected one word without dots");
  CHECK_THROWS_WITH(
      Named("a", "b", {2, 0}),
      "Module: sizes of parameter 'b' out of range; got [2, 0]; expected each at least 1");
}

TEST_CASE("a module prints its tree, with shapes and numbers of elements") {
  struct Wide : Module {
    Wide() : table(parameter("table", {1000, 1234})) { child("tree", tree); }
    Tree tree;
    Tensor table;
  };
  const auto line = [](const std::string& name, const std::string& details, const char* elements) {
    return fmt::format("{:<42} {:<29} {:>14}", name, details, elements);
  };
  const std::vector<std::string> expected = {
      line("model", "", "1,234,017"),
      line("  table", "float32  1000 x 1234", "1,234,000"),
      line("  tree", "", "17"),
      line("    scale", "float32  1", "1"),
      line("    first", "", "8"),
      line("      weight", "float32  2 x 3", "6"),
      line("      bias", "float32  2", "2"),
      line("    second", "", "8"),
      line("      weight", "float32  2 x 3", "6"),
      line("      bias", "float32  2", "2"),
  };
  CHECK(to_string(Wide(), "model") == fmt::format("{}", fmt::join(expected, "\n")));
}

TEST_CASE("train and eval reach every module") {
  Tree tree;
  CHECK(tree.second.training());
  tree.eval();
  CHECK_FALSE(tree.training());
  CHECK_FALSE(tree.second.training());
  tree.train();
  CHECK(tree.second.training());
}

TEST_CASE("zero_grad forgets every gradient") {
  Tree tree;
  sum(tree.first.bias * tree.scale).backward();
  REQUIRE(tree.first.bias.grad().defined());
  tree.zero_grad();
  CHECK_FALSE(tree.first.bias.grad().defined());
  CHECK_FALSE(tree.scale.grad().defined());
}

TEST_CASE("a module converts to floating dtypes only") {
  Tree tree;
  CHECK_THROWS_WITH(tree.to(DType::int64),
                    "Module::to: parameters are floating; got int64; expected float32 or float64");
}

TEST_CASE("state goes from one module to another, in any order") {
  Tree from;
  for (Tensor& tensor : from.parameters()) {
    tensor.copy_(full(tensor.shape(), 3));
  }
  NamedTensors state = from.state();
  CHECK_FALSE(state[0].second.requires_grad());
  std::ranges::reverse(state);
  Tree to;
  to.load_state(state);
  CHECK(identical(to.second.weight, from.second.weight));
  CHECK(identical(to.scale, from.scale));
}

TEST_CASE("load_state is strict and changes nothing on error") {
  Tree from;
  for (Tensor& tensor : from.parameters()) {
    tensor.copy_(full(tensor.shape(), 3));
  }
  const NamedTensors state = from.state();
  Tree to;

  NamedTensors missing = state;
  missing.pop_back();
  CHECK(error_of(to, missing) ==
        "load_state: parameter missing; got no 'second.bias'; expected [2] float32");
  NamedTensors unknown = state;
  unknown.emplace_back("third.bias", zeros({2}));
  CHECK(error_of(to, unknown) ==
        "load_state: unknown parameter; got 'third.bias' [2]; expected none of this name");
  NamedTensors twice = state;
  twice.push_back(state[0]);
  CHECK(error_of(to, twice) == "load_state: parameter given twice; got 'scale' again");
  NamedTensors wrong_shape = state;
  wrong_shape[1].second = zeros({3, 2});
  CHECK(error_of(to, wrong_shape) ==
        "load_state: parameter 'first.weight' does not fit; got [3, 2] float32; expected [2, 3] "
        "float32");
  NamedTensors wrong_dtype = state;
  wrong_dtype[1].second = zeros({2, 3}, DType::float64);
  CHECK(error_of(to, wrong_dtype) ==
        "load_state: parameter 'first.weight' does not fit; got [2, 3] float64; expected [2, 3] "
        "float32");
  for (const Tensor& tensor : to.parameters()) {
    CHECK(identical(tensor, zeros(tensor.shape())));
  }
}

}  // namespace
}  // namespace weft::nn
