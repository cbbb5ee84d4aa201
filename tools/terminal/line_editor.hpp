#pragma once

#include <histedit.h>

#include <filesystem>
#include <memory>
#include <string>

namespace weft::tools {

/// Reads lines typed at a terminal, with libedit's keys (arrows, Ctrl-R to search, whatever
/// ~/.editrc adds) and a history that is kept between runs: in `$XDG_STATE_HOME/weft/history`, or
/// in ~/.local/state.
class LineEditor {
 public:
  /// Standard input must be a terminal. The prompt and the edited line go to standard error.
  LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;
  LineEditor(LineEditor&&) = delete;
  LineEditor& operator=(LineEditor&&) = delete;
  ~LineEditor();

  /// Waits for the next line and stores it in `line`, as well-formed UTF-8 without its line end.
  /// Returns false once the user ends the input by Ctrl-D.
  bool next(std::string& line);

 private:
  void remember(const char* line);

  std::filesystem::path history_file_;  // empty if there is no place for one
  std::unique_ptr<History, void (*)(History*)> history_;
  std::unique_ptr<EditLine, void (*)(EditLine*)> editor_;  // uses history_
};

}  // namespace weft::tools
