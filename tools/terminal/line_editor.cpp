#include "tools/terminal/line_editor.hpp"

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace weft::tools {
namespace {

constexpr int kHistoryLines = 1000;

/// The history file (in the "state" directory of the XDG Base Directory Specification).
std::filesystem::path history_file() {
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  if (state != nullptr && *state == '/') {
    return std::filesystem::path(state) / "weft/history";
  }
  return home != nullptr && *home == '/' ? std::filesystem::path(home) / ".local/state/weft/history"
                                         : std::filesystem::path();
}

const char* prompt(EditLine*) { return "> "; }

/// Passes on what libedit has created; throws if it is null because memory ran out.
template <class T>
T* made(T* object) {
  if (object == nullptr) {
    throw std::bad_alloc();
  }
  return object;
}

/// libedit takes the encoding from the locale, but weft's input is UTF-8 whatever the locale.
/// Messages and numbers stay in the C locale.
EditLine* make_editor() {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  return made(el_init("weft", stdin, stderr, stderr));
}

}  // namespace

LineEditor::LineEditor()
    : history_file_(history_file()),
      history_(made(history_init()), history_end),
      editor_(make_editor(), el_end) {
  HistEvent event;
  history(history_.get(), &event, H_SETSIZE, kHistoryLines);
  history(history_.get(), &event, H_SETUNIQUE, 1);
  // The history is a convenience: failing to read or write it is not an error.
  history(history_.get(), &event, H_LOAD, history_file_.c_str());
  el_set(editor_.get(), EL_PROMPT, prompt);
  el_set(editor_.get(), EL_EDITOR, "emacs");
  el_set(editor_.get(), EL_SIGNAL, 1);  // restores the terminal before a signal ends the program
  el_set(editor_.get(), EL_HIST, history, history_.get());
  el_set(editor_.get(), EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_source(editor_.get(), nullptr);  // ~/.editrc
}

LineEditor::~LineEditor() = default;

bool LineEditor::next(std::string& line) {
  int length = 0;
  const char* typed = el_gets(editor_.get(), &length);
  if (typed == nullptr || length <= 0) {
    return false;
  }
  line.assign(typed, static_cast<std::size_t>(length));
  if (line.ends_with('\n')) {
    line.pop_back();
  }
  if (!line.empty()) {
    remember(typed);
  }
  return true;
}

void LineEditor::remember(const char* line) {
  HistEvent event;
  history(history_.get(), &event, H_ENTER, line);
  std::error_code ignored;
  std::filesystem::create_directories(history_file_.parent_path(), ignored);
  history(history_.get(), &event, H_SAVE, history_file_.c_str());
}

}  // namespace weft::tools
