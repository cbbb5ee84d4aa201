#pragma once

#include <string>
#include <string_view>

/// Text in XML files such as SVG, where fonts cannot be measured.
namespace weft::detail {

/// Escapes the text for use between tags and in attributes: `&lt;` for `<`. What XML cannot
/// represent (control characters, bytes that are not UTF-8) becomes U+FFFD.
std::string xml_text(std::string_view text);

/// The number of columns in a monospaced font: one per character, two for wide ones.
std::size_t columns(std::string_view text);

/// The text if it takes at most `most` columns, else its beginning and end joined by an ellipsis.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace weft::detail
