#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/observer.hpp"

namespace weft {

/// Measures where the time of its thread goes, as long as it exists:
///
///     Profiler profiler;
///     const Tensor loss = model.loss(batch);
///     loss.backward();
///     profiler.mark("accumulate", Profiler::Pass::backward);
///     optimizer.step();
///     profiler.mark("Adam");
///     for (const Profiler::Row& row : profiler.rows()) { ... }
///
/// An op's name is known only when it is recorded, so the op is charged with all the time since the
/// end of the previous one, including what the program did in between; where nothing is recorded,
/// nothing is measured. The engine's time between the end of one backward function and the start of
/// the next is called "accumulate": there gradients are added up, and those of weights multiplied.
/// The clock is read twice per op.
class Profiler : public Observer {
 public:
  /// The phase of a training step.
  enum class Pass { forward, backward, other };

  /// An interval of the thread's time.
  struct Span {
    std::string name;  ///< name of the op, or the argument of `mark`
    Pass pass;         ///< the phase it belongs to
    double begin;      ///< in seconds since the profiler was created
    double seconds;    ///< duration
  };

  /// All intervals with the same name and pass.
  struct Row {
    std::string name;    ///< as in Span
    Pass pass;           ///< likewise
    std::int64_t calls;  ///< number of intervals
    double seconds;      ///< their total duration
  };

  Profiler();

  /// Assigns the time since the last interval to this name.
  void mark(std::string_view name, Pass pass = Pass::other);
  /// Assigns the time since the last interval to nothing.
  void skip();

  /// All intervals, in order.
  const std::vector<Span>& spans() const { return spans_; }
  /// Totals by name and pass, largest first.
  std::vector<Row> rows() const;

  void recorded(const std::shared_ptr<Node>& node, const std::vector<Tensor>& inputs,
                const std::vector<Tensor>& outputs) override;
  Gradients call(const Node& node, const Backward& backward) override;

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point begin_;
  Clock::time_point last_;
  bool in_backward_ = false;  ///< ops inside a backward function count as part of it
  std::vector<Span> spans_;
};

}  // namespace weft
