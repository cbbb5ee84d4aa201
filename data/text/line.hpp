#pragma once

#include <string>
#include <string_view>

/// What a line of text may contain.
namespace weft::data {

/// Whether the text contains a control character other than TAB, or a line or paragraph separator
/// (see `is_control`).
bool has_control(std::string_view text);

/// Returns the text as one line for every reader: characters that any reader takes for a line end
/// (see `is_line_end`) become spaces.
std::string one_line(std::string_view text);

}  // namespace weft::data
