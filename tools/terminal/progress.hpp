#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weft::tools {

/// Messages and progress on stderr: on a terminal, a progress bar that is redrawn in place;
/// elsewhere, a plain line now and then; with `quiet`, nothing at all.
class Progress {
 public:
  explicit Progress(bool quiet);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// Prints a message on its own line, made printable (`escaped`); a progress bar moves below it.
  void message(std::string_view text);
  /// The same in bold, if the terminal supports it and NO_COLOR is not set (https://no-color.org).
  void highlight(std::string_view text);

  /// Reports that `done` of `total` units of work are done: shows the share, the remaining time and
  /// `text`. Calls in too quick succession (for the eye, or for a log) are dropped.
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
  std::int64_t first_done_ = -1;  ///< the work already done at `begin_`
};

/// Formats a whole number of seconds as "0:07", "12:07" or "1:02:07".
std::string format_seconds(double seconds);

/// Formats a whole number in groups of three digits: "12,345".
std::string format_count(double number);

/// A progress line for a terminal with this many `columns`, the last of which stays empty so that
/// the line does not wrap: bar and text, or only the text, or as much of the text as fits.
std::string format_progress(double share, std::string_view text, std::size_t columns);

/// "[=====>    ]", with `width` characters between the brackets.
std::string format_bar(double share, int width);

}  // namespace weft::tools
