#pragma once

#include <string>
#include <vector>

#include "autograd/op.hpp"

/// What the tape itself reveals about a wrong gradient.
namespace weft::detail {

/// An input of an op.
struct Use {
  std::string op;
  std::size_t input = 0;
};

struct Testimony {
  std::vector<std::string> ops;  ///< on the tape, without duplicates, in order
  /// Ops whose backward disagrees with finite differences of the op itself.
  std::vector<std::string> suspects;
  /// Inputs of recorded ops that change with the checked inputs but are outside the graph.
  std::vector<Use> detached;

  struct Leaf {
    std::vector<Use> uses;    ///< by recorded ops
    std::vector<Use> silent;  ///< those uses that returned no gradient, or only zeros
    bool lost = false;        ///< every use returned a gradient, but their sum did not arrive
  };
  std::vector<Leaf> leaves;
};

/// Runs `function` and one backward pass under observation, then `function` twice at nearby inputs.
/// Reports nothing about ops if the tape differs there.
Testimony testify(const TensorFunction& function, const std::vector<Tensor>& inputs,
                  Generator& generator);

}  // namespace weft::detail
