#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/observer.hpp"

namespace weft {

/// Tells what the time of its thread goes to, as long as it lives:
///
///     Profiler profiler;
///     const Tensor loss = model.loss(batch);
///     loss.backward();
///     profiler.mark("accumulate", Profiler::Pass::backward);
///     optimizer.step();
///     profiler.mark("Adam");
///     for (const Profiler::Row& row : profiler.rows()) { ... }
///
/// An op is known by name once it is recorded, so all the time since the end of the one before is
/// its own, with what the program did in between; where nothing is recorded, nothing is seen. What
/// the engine does from the end of one backward function to the begin of the next is called
/// "accumulate": there gradients are added up, and those of weights multiplied. A clock is read
/// twice an op.
class Profiler : public Observer {
 public:
  /// The part of a training step.
  enum class Pass { forward, backward, other };

  /// A piece of the thread's time.
  struct Span {
    std::string name;  ///< of the op, or what `mark` was told
    Pass pass;         ///< in which it lies
    double begin;      ///< in seconds from the profiler's own begin
    double seconds;    ///< how long it is
  };

  /// All pieces of one name and pass.
  struct Row {
    std::string name;    ///< as in Span
    Pass pass;           ///< likewise
    std::int64_t calls;  ///< pieces
    double seconds;      ///< their sum
  };

  Profiler();

  /// The time since the last piece is one of this name.
  void mark(std::string_view name, Pass pass = Pass::other);
  /// The time since the last piece is nobody's.
  void skip();

  /// All pieces, in their order.
  const std::vector<Span>& spans() const { return spans_; }
  /// Their sums by name and pass, the largest first.
  std::vector<Row> rows() const;

  void recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                const std::vector<Tensor>& outputs) override;
  Gradients call(const Node& node, const Backward& backward) override;

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point begin_;
  Clock::time_point last_;
  bool in_backward_ = false;  ///< ops that a backward function is made of are its own
  std::vector<Span> spans_;
};

}  // namespace weft
