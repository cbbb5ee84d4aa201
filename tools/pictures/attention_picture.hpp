#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "data/tasks/grammar.hpp"
#include "models/translation/translator.hpp"

/// What `weft translate --attention` shows: which source tokens each target token looked at.
namespace weft::tools {

/// Links (source token, target token).
using Alignment = std::set<std::pair<std::int64_t, std::int64_t>>;

/// The attention of one translation, as it is drawn.
struct AttentionPicture {
  std::string title;
  std::vector<std::string> source;          ///< tokens, S of them
  std::vector<std::string> target;          ///< tokens, T of them
  std::vector<std::vector<float>> weights;  ///< T rows of S, each in [0, 1]
  Alignment truth;                          ///< the true links, if they are known
};

/// Every target token with the source token that it looks at most, the first of equals.
Alignment hard_alignment(const AttentionPicture& picture);

/// The alignment error rate 1 - (|A n S| + |A n P|) / (|A| + |S|) of all pictures that have true
/// links, S and P alike (Och and Ney 2003, "A Systematic Comparison of Various Statistical
/// Alignment Models", section 5). NaN if none has.
double alignment_error_rate(const std::vector<AttentionPicture>& pictures);

/// The lines that show a picture on a terminal of this many columns: target tokens at the left,
/// source tokens written downwards, a cell of two columns for each weight, darker for more. What is
/// too wide goes on below. `color`: with escape sequences, which tokens never add: they are
/// `escaped`. True links have a dot.
std::vector<std::string> draw_terminal(const AttentionPicture& picture, std::size_t columns,
                                       bool color);

/// The pictures one below the other, as a file that needs no other: light or dark as the reader's
/// system is. True links are framed.
std::string draw_svg(const std::vector<AttentionPicture>& pictures);

/// The pictures as a page that needs no other file: a list to choose from, cells that tell their
/// weight under the pointer or the keyboard's focus.
std::string draw_html(const std::vector<AttentionPicture>& pictures);

/// The true links of the toy task en-fr, word by word.
class TrueAlignments {
 public:
  /// None unless the translator was taught the task.
  explicit TrueAlignments(const models::Translator& translator);

  /// The links of a sentence and its reference; none of other pairs.
  Alignment find(const std::vector<std::string>& source,
                 const std::vector<std::string>& target) const;

 private:
  std::map<std::vector<std::string>, data::ToyPair> known_;  // by their sources
};

}  // namespace weft::tools
