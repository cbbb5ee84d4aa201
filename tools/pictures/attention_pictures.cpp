#include "tools/pictures/attention_pictures.hpp"

#include <unistd.h>

#include <cmath>

#include "tools/flags/options.hpp"
#include "tools/terminal/standard_error.hpp"
#include "tools/terminal/terminal.hpp"

namespace weft::tools {

AttentionPictures::Form AttentionPictures::form_of(const std::string& what) {
  return what.empty()             ? Form::none
         : what == "term"         ? Form::terminal
         : what.ends_with(".svg") ? Form::svg
                                  : Form::html;
}

void AttentionPictures::check(const std::string& what) {
  if (form_of(what) == Form::html && !what.ends_with(".html")) {
    misuse("translate: --attention: got {}; expected term, FILE.svg or FILE.html", what);
  }
}

AttentionPictures::AttentionPictures(const models::Translator& translator, const std::string& what)
    : form_(form_of(what)), path_(what) {
  if (form_ != Form::none) {
    truth_.emplace(translator);
  }
}

void AttentionPictures::add(const models::Translation& translation, const models::SourceLine& line,
                            Output& output) {
  if (form_ == Form::none || translation.target.empty()) {
    return;
  }
  if (translation.attention.size() != translation.target.size()) {
    fail(
        "translate: the model attends to nothing; got --attention {}; expected a model with "
        "attention",
        path_);
  }
  pictures_.push_back({fmt::format("{}. {}", line.number, line.text), translation.source,
                       translation.target, translation.attention,
                       truth_->find(translation.source, translation.target)});
  if (form_ == Form::terminal) {
    for (const std::string& row : draw_terminal(pictures_.back(), terminal_columns(STDOUT_FILENO),
                                                wants_color(STDOUT_FILENO))) {
      output.line(row);
    }
    output.line("");
  }
}

void AttentionPictures::close() {
  if (form_ == Form::none) {
    return;
  }
  if (form_ != Form::terminal) {
    Output file(path_);
    const std::string drawn = form_ == Form::svg ? draw_svg(pictures_) : draw_html(pictures_);
    file.line(std::string_view(drawn).substr(0, drawn.size() - 1));
    file.close();
  }
  const double rate = alignment_error_rate(pictures_);
  if (!std::isnan(rate)) {
    write_stderr(fmt::format(
        "alignment error rate {:.3f}, of the translations that are the reference\n", rate));
  }
}

}  // namespace weft::tools
