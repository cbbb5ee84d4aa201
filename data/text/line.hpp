#pragma once

#include <string>
#include <string_view>

/// What a line of text may hold.
namespace weft::data {

/// Whether the text has a control character other than TAB, or a separator of lines or paragraphs
/// (see `is_control`).
bool has_control(std::string_view text);

/// The text as one line for every reader: what ends a line for one of them (see `is_line_end`)
/// becomes a space.
std::string one_line(std::string_view text);

}  // namespace weft::data
