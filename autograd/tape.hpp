#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

#include "autograd/gradient.hpp"
#include "autograd/op.hpp"

namespace weft {

// Threads: each thread records on its own and has its own guards. A leaf may be used by one
// recording thread at a time, and a graph walked by one thread at a time; any thread may destroy a
// graph.

/// True if ops are recorded on this thread (the default).
bool grad_enabled();

/// Switches recording on or off for a scope.
class GradModeGuard {
 public:
  /// Sets recording to `enabled` for the rest of the scope.
  explicit GradModeGuard(bool enabled);
  ~GradModeGuard();
  GradModeGuard(const GradModeGuard&) = delete;
  GradModeGuard& operator=(const GradModeGuard&) = delete;

 private:
  bool previous_;
};

/// Disables recording in a scope: for decoding, parameter updates and evaluation.
class NoGradGuard : public GradModeGuard {
 public:
  NoGradGuard() : GradModeGuard(false) {}
};

/// An input kept for a backward function. Reading it back checks that its elements have not been
/// modified in place in the meantime.
class Saved {
 public:
  /// Keeps the tensor, which may be undefined, and the version of its storage.
  explicit Saved(const Tensor& tensor);
  /// Throws Error if the storage has changed since.
  const Tensor& operator*() const;

 private:
  Tensor tensor_;
  std::shared_ptr<const Storage> storage_;  // `set_data` may have given the tensor another one
  std::uint64_t version_;
};

/// The argument of a backward function.
class Backward {
 public:
  /// Constructed by the engine; the arguments must outlive it. `reuse`: see `spare_grad`.
  Backward(std::span<const Tensor> grads, std::span<const Tensor> outputs,
           const std::vector<bool>& needs, bool reuse = false)
      : grads_(grads), outputs_(outputs), needs_(needs), reuse_(reuse) {}

  /// Gradient of output i, with its shape. Undefined if the op has several outputs and this one was
  /// not used.
  const Tensor& grad(std::size_t i = 0) const { return at(grads_, i, "gradient", ""); }
  /// Number of the op's outputs.
  std::size_t num_grads() const { return grads_.size(); }
  /// Output i, for an op that keeps its outputs.
  const Tensor& output(std::size_t i = 0) const {
    return at(outputs_, i, "output", "; hint: make the op with KeepOutputs::yes");
  }
  /// Gradient 0 if nobody else holds its buffer, so that a gradient of an input can be written over
  /// it; otherwise undefined. The engine allows it where nobody looks at the gradient afterwards.
  Tensor spare_grad() const;
  /// Whether the gradient of input i is needed.
  bool needs(std::size_t i) const { return needs_[i]; }

 private:
  static const Tensor& at(std::span<const Tensor> all, std::size_t i, std::string_view what,
                          std::string_view hint) {
    if (i >= all.size()) {
      fail("backward: there is no {} {}; got {} of them{}", what, i, all.size(), hint);
    }
    return all[i];
  }

  std::span<const Tensor> grads_;
  std::span<const Tensor> outputs_;
  const std::vector<bool>& needs_;
  bool reuse_;
};

/// Returns the gradient of every input, in order; an undefined one means zero. A gradient may have
/// the shape that its input was broadcast to: the engine sums it back. It must be written in weft's
/// own ops so that it is itself recorded under `create_graph`. It may capture inputs (as Saved) but
/// never an output: that would be a cycle.
using BackwardFunction = std::function<Gradients(const Backward&)>;

/// Whether `record` has anything to do for an op on these inputs: it is recorded, or observed
/// (observer.hpp).
bool worth_recording(std::span<const Tensor> inputs);

/// Puts `op`, which must outlive the graph, on the tape if recording is on and an input requires a
/// gradient; returns the outputs, now part of the graph. Inputs may be undefined (no bias). Throws
/// Error unless the outputs are floating tensors outside any graph.
std::vector<Tensor> record(const Op& op, std::span<const Tensor> inputs,
                           std::vector<Tensor> outputs, BackwardFunction backward);
/// The same for an op with one output.
Tensor record(const Op& op, std::span<const Tensor> inputs, const Tensor& output,
              BackwardFunction backward);
///@{ The same for listed inputs. Where nothing is recorded, the backward function is not made: a
/// step of a decoder consists of small ops, and would spend much of its time on them.
template <class F>
Tensor record(const Op& op, std::initializer_list<Tensor> inputs, const Tensor& output,
              F&& backward) {
  const std::span<const Tensor> all(inputs.begin(), inputs.size());
  return worth_recording(all) ? record(op, all, output, BackwardFunction(std::forward<F>(backward)))
                              : output;
}
template <class F>
std::vector<Tensor> record(const Op& op, std::initializer_list<Tensor> inputs,
                           std::vector<Tensor> outputs, F&& backward) {
  const std::span<const Tensor> all(inputs.begin(), inputs.size());
  return worth_recording(all)
             ? record(op, all, std::move(outputs), BackwardFunction(std::forward<F>(backward)))
             : std::move(outputs);
}
///@}

/// Number of live nodes in this process.
std::int64_t live_nodes();
/// Number of nodes created since the process started, including those of leaves; does not change
/// where nothing is recorded.
std::int64_t made_nodes();

}  // namespace weft
