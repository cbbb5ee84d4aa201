#include "tools/terminal/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "tools/terminal/standard_error.hpp"
#include "tools/terminal/terminal.hpp"

namespace weft::tools {
namespace {

constexpr int kBarWidth = 24;
constexpr std::chrono::milliseconds kTerminalPause{100};
constexpr std::chrono::seconds kLogPause{30};
constexpr std::string_view kEraseLine = "\r\x1b[K";

}  // namespace

Progress::Progress(bool quiet)
    : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1), color_(wants_color(STDERR_FILENO)) {}

Progress::~Progress() { clear(); }

void Progress::message(std::string_view text) {
  if (!quiet_) {
    clear();
    write_stderr(fmt::format("{}\n", text));
  }
}

void Progress::highlight(std::string_view text) {
  message(color_ ? fmt::format("\x1b[1m{}\x1b[0m", text) : text);
}

void Progress::update(std::int64_t done, std::int64_t total, std::string_view text) {
  const Clock::time_point now = Clock::now();
  if (first_done_ < 0) {
    first_done_ = done;
    begin_ = now;
    shown_ = now;
  }
  const Clock::duration pause = terminal_ ? Clock::duration(kTerminalPause) : kLogPause;
  if (quiet_ || now - shown_ < pause) {
    return;
  }
  shown_ = now;
  const double share =
      static_cast<double>(done) / static_cast<double>(std::max<std::int64_t>(total, 1));
  const std::string tail = fmt::format("{:3.0f} %  {}  {} left", std::floor(100 * share), text,
                                       format_seconds(seconds_left(done, total)));
  if (terminal_) {
    write_stderr(fmt::format("{}{}", kEraseLine,
                             format_progress(share, tail, terminal_columns(STDERR_FILENO))));
    drawn_ = true;
  } else {
    write_stderr(fmt::format("{}\n", tail));
  }
}

double Progress::seconds_left(std::int64_t done, std::int64_t total) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
  const std::int64_t worked = done - first_done_;
  return worked > 0 ? seconds / static_cast<double>(worked) * static_cast<double>(total - done) : 0;
}

void Progress::clear() {
  if (drawn_) {
    write_stderr(kEraseLine);
    drawn_ = false;
  }
}

std::string format_seconds(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  const std::int64_t minutes = whole / 60;
  return minutes < 60 ? fmt::format("{}:{:02}", minutes, whole % 60)
                      : fmt::format("{}:{:02}:{:02}", minutes / 60, minutes % 60, whole % 60);
}

std::string format_count(double number) {
  std::string digits = fmt::format("{:.0f}", number);
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

std::string format_progress(double share, std::string_view text, std::size_t columns) {
  const std::size_t room = std::max<std::size_t>(columns, 1) - 1;
  std::string line = fmt::format("{} {}", format_bar(share, kBarWidth), text);
  return line.size() <= room ? line : std::string(text.substr(0, room));
}

std::string format_bar(double share, int width) {
  const int full = static_cast<int>(std::clamp(share, 0.0, 1.0) * width);
  std::string bar(static_cast<std::size_t>(full), '=');
  if (full < width) {
    bar += '>';
  }
  bar.resize(static_cast<std::size_t>(width), ' ');
  return fmt::format("[{}]", bar);
}

}  // namespace weft::tools
