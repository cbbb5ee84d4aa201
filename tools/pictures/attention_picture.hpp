#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "data/tasks/grammar.hpp"
#include "models/translation/translator.hpp"

/// What `weft translate --attention` shows: how much each target token attended to each source
/// token.
namespace weft::tools {

/// Links (source token, target token).
using Alignment = std::set<std::pair<std::int64_t, std::int64_t>>;

/// The attention of one translation, as drawn.
struct AttentionPicture {
  std::string title;
  std::vector<std::string> source;          ///< S tokens
  std::vector<std::string> target;          ///< T tokens
  std::vector<std::vector<float>> weights;  ///< [T, S], each in [0, 1]
  Alignment truth;                          ///< the true links, if known
  /// The layer and the head that it shows, from 1; 0 and 0 for the mean that the model predicts by.
  std::int64_t layer = 0;
  std::int64_t head = 0;
  bool first = true;  ///< of its translation; others are further heads, by layer, then head

  /// "layer 2, head 3"; empty for the mean.
  std::string part() const;
};

/// Links every target token to the source token with the largest weight; ties go to the first.
Alignment hard_alignment(const AttentionPicture& picture);

/// The alignment error rate 1 - (|A n S| + |A n P|) / (|A| + |S|) over all pictures with true
/// links, where S = P are the true links (Och and Ney 2003, "A Systematic Comparison of Various
/// Statistical Alignment Models", section 5). NaN if no picture has any.
double alignment_error_rate(const std::vector<AttentionPicture>& pictures);

/// Draws a picture for a terminal with this many columns: target tokens on the left, source tokens
/// written downwards, one cell of two columns per weight, darker for larger weights. A picture that
/// is too wide continues below. With `color`, the lines contain escape sequences, but never from
/// tokens, which are `escaped`. True links are marked by a dot.
std::vector<std::string> draw_terminal(const AttentionPicture& picture, std::size_t columns,
                                       bool color);

/// An SVG file with all pictures, one below the other, that depends on no other file. It follows
/// the light or dark setting of the reader's system. True links are framed.
std::string draw_svg(const std::vector<AttentionPicture>& pictures);

/// An HTML page that depends on no other file: a list to choose a picture from, and cells that show
/// their weight under the mouse pointer or when they have the keyboard focus.
std::string draw_html(const std::vector<AttentionPicture>& pictures);

/// The true links of the toy task en-fr, word by word.
class TrueAlignments {
 public:
  /// Empty unless the translator was trained on the task.
  explicit TrueAlignments(const models::Translator& translator);

  /// The links of a sentence and its reference; empty for other pairs.
  Alignment find(const std::vector<std::string>& source,
                 const std::vector<std::string>& target) const;

 private:
  std::map<std::vector<std::string>, data::ToyPair> known_;  // by source sentence
};

}  // namespace weft::tools
