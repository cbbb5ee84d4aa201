#pragma once

#include <string>
#include <string_view>

/// Text in XML files such as SVG, where fonts are not at hand to be measured.
namespace weft::detail {

/// The text for use between tags and in attributes: `&lt;` for `<`. What XML cannot hold (control
/// characters, bytes that are not UTF-8) becomes U+FFFD.
std::string xml_text(std::string_view text);

/// How many columns it takes in a monospaced font: one for each character, two for wide ones.
std::size_t columns(std::string_view text);

/// The text if it takes at most `most` columns, else its beginning and its end around an ellipsis.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace weft::detail
