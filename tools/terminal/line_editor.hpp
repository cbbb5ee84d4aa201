#pragma once

#include <histedit.h>

#include <filesystem>
#include <memory>
#include <string>

namespace weft::tools {

/// Lines typed at a terminal, with libedit's keys (arrows, Ctrl-R to search, what ~/.editrc adds)
/// and a history that outlives the program: `$XDG_STATE_HOME/weft/history`, or in ~/.local/state.
class LineEditor {
 public:
  /// Standard input must be a terminal; the prompt and the editing go to standard error.
  LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;
  LineEditor(LineEditor&&) = delete;
  LineEditor& operator=(LineEditor&&) = delete;
  ~LineEditor();

  /// Waits for the next line, well-formed UTF-8, and puts it without its end into `line`; false
  /// once the user ends the input by Ctrl-D.
  bool next(std::string& line);

 private:
  void remember(const char* line);

  std::filesystem::path history_file_;  // empty: there is no place for one
  std::unique_ptr<History, void (*)(History*)> history_;
  std::unique_ptr<EditLine, void (*)(EditLine*)> editor_;  // reads history_
};

}  // namespace weft::tools
