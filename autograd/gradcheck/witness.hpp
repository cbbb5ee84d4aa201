#pragma once

#include <string>
#include <vector>

#include "autograd/op.hpp"

/// What the tape itself tells about a wrong gradient.
namespace weft::detail {

/// An input of an op.
struct Use {
  std::string op;
  std::size_t input = 0;
};

struct Testimony {
  std::vector<std::string> ops;  ///< on the tape, each once, in order
  /// Ops whose backward disagrees with differences of their own inputs and outputs.
  std::vector<std::string> suspects;
  /// Inputs of recorded ops that change with the checked inputs but are outside the graph.
  std::vector<Use> detached;

  struct Leaf {
    std::vector<Use> uses;    ///< by recorded ops
    std::vector<Use> silent;  ///< those uses by which no gradient came, or only zeros
    bool lost = false;        ///< every use delivered a gradient, but not their sum arrived
  };
  std::vector<Leaf> leaves;
};

/// Runs `function` and one backward pass under observation, then runs it twice nearby. Says
/// nothing about ops if the tape is another nearby.
Testimony testify(const TensorFunction& function, const std::vector<Tensor>& inputs,
                  Generator& generator);

}  // namespace weft::detail
