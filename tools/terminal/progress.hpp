#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::tools {

/// Messages and progress on stderr: on a terminal a bar that is drawn anew in place, elsewhere a
/// plain line now and then, and nothing at all if `quiet`.
class Progress {
 public:
  explicit Progress(bool quiet);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// A message of its own line, made printable (`escaped`); a bar moves below it.
  void message(std::string_view text);
  /// The same in bold on a terminal that may have it (see NO_COLOR, https://no-color.org).
  void highlight(std::string_view text);

  /// `done` of `total` units of work: the share, the time left and `text`. Calls that come faster
  /// than an eye can follow (or a log wants) are dropped.
  void update(std::int64_t done, std::int64_t total, std::string_view text);
  /// Removes the bar.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  void line(std::string_view text);
  double seconds_left(std::int64_t done, std::int64_t total) const;

  bool quiet_;
  bool terminal_;
  bool color_;
  bool drawn_ = false;
  Clock::time_point begin_;
  Clock::time_point shown_;
  std::int64_t first_done_ = -1;  ///< where the work stood at `begin_`
};

/// A whole number of seconds as "0:07", "12:07" or "1:02:07".
std::string format_seconds(double seconds);

/// A whole number in groups of three digits: "12,345".
std::string format_count(double number);

/// A line of progress that fits a terminal of `columns`, the last one left free so that the line
/// does not wrap: bar and text, the text alone, or as much of the text as there is room for.
std::string format_progress(double share, std::string_view text, std::size_t columns);

/// "[=====>    ]", `width` characters between the brackets.
std::string format_bar(double share, int width);

}  // namespace weft::tools
