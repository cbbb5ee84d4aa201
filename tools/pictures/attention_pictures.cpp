#include "tools/pictures/attention_pictures.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
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

std::optional<AttentionPictures::Head> AttentionPictures::head_of(const std::string& heads) {
  const auto number = [](std::string_view digits) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && end == digits.data() + digits.size() ? value : 0;
  };
  const std::size_t dot = heads.find('.');
  if (dot == std::string::npos) {
    return {};
  }
  const Head head{number(std::string_view(heads).substr(0, dot)),
                  number(std::string_view(heads).substr(dot + 1))};
  return head.layer > 0 && head.head > 0 ? std::optional(head) : std::nullopt;
}

void AttentionPictures::check(const std::string& what, const std::string& heads) {
  if (form_of(what) == Form::html && !what.ends_with(".html")) {
    misuse("translate: --attention: got {}; expected term, FILE.svg or FILE.html", what);
  }
  if (heads != "mean" && heads != "all" && !head_of(heads)) {
    misuse(
        "translate: --attention-head: got {}; expected mean, all, or a layer and a head such as "
        "2.1",
        heads);
  }
  if (heads != "mean" && what.empty()) {
    misuse("translate: got --attention-head {} without --attention", heads);
  }
  if (heads == "all" && what == "term") {
    misuse(
        "translate: got --attention-head all with --attention term; expected FILE.svg or "
        "FILE.html");
  }
}

AttentionPictures::AttentionPictures(const models::Translator& translator, const std::string& what,
                                     const std::string& heads)
    : translator_(translator), form_(form_of(what)), path_(what), heads_(heads) {
  if (form_ != Form::none) {
    truth_.emplace(translator);
  }
}

std::vector<AttentionPicture> AttentionPictures::pictures_of(const models::Translation& translation,
                                                             const std::string& title) const {
  AttentionPicture picture{title, translation.source, translation.target, translation.attention,
                           truth_->find(translation.source, translation.target)};
  if (heads_ == "mean") {
    return {picture};
  }
  const Tensor maps = translator_.model->head_attention(
      translator_.source.vocabulary.encode(translation.source),
      translator_.target.vocabulary.encode(translation.target));  // [layers, heads, T, S]
  if (!maps.defined()) {
    fail(
        "translate: the model's attention has no layers and heads; got --attention-head {}; "
        "expected mean",
        heads_);
  }
  const std::optional<Head> one = head_of(heads_);
  if (one && (one->layer > maps.size(0) || one->head > maps.size(1))) {
    fail(
        "translate: --attention-head: no such head; got {}; expected a layer up to {} and a head "
        "up to {}",
        heads_, maps.size(0), maps.size(1));
  }
  std::vector<AttentionPicture> pictures;
  const float* weight = maps.data<float>().data();
  for (std::int64_t layer = 1; layer <= maps.size(0); ++layer) {
    for (std::int64_t head = 1; head <= maps.size(1); ++head) {
      for (std::vector<float>& row : picture.weights) {
        std::copy_n(weight, row.size(), row.begin());
        weight += maps.size(3);
      }
      if (!one || (one->layer == layer && one->head == head)) {
        picture.layer = layer;
        picture.head = head;
        picture.first = pictures.empty();
        pictures.push_back(picture);
      }
    }
  }
  return pictures;
}

void AttentionPictures::add(const models::Translation& translation, const models::SourceLine& line,
                            Output& output) {
  if (form_ == Form::none || translation.target.empty()) {
    return;
  }
  if (translation.attention.size() != translation.target.size()) {
    fail(
        "translate: the model has no attention; got --attention {}; expected a model with "
        "attention",
        path_);
  }
  for (AttentionPicture& picture :
       pictures_of(translation, fmt::format("{}. {}", line.number, line.text))) {
    pictures_.push_back(std::move(picture));
  }
  if (form_ == Form::terminal) {
    for (const std::string& row : draw_terminal(pictures_.back(), terminal_columns(STDOUT_FILENO),
                                                wants_color(STDOUT_FILENO))) {
      output.verbatim(row);
    }
    output.verbatim("");
  }
}

void AttentionPictures::close() {
  if (form_ == Form::none) {
    return;
  }
  if (form_ != Form::terminal) {
    Output file(path_);
    const std::string drawn = form_ == Form::svg ? draw_svg(pictures_) : draw_html(pictures_);
    file.verbatim(std::string_view(drawn).substr(0, drawn.size() - 1));
    file.close();
  }
  const double rate = alignment_error_rate(pictures_);
  if (heads_ != "all" && !std::isnan(rate)) {
    write_stderr(fmt::format(
        "alignment error rate {:.3f}, over translations that equal the reference\n", rate));
  }
}

}  // namespace weft::tools
