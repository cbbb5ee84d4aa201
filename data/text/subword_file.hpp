#pragma once

#include <string>
#include <string_view>

/// SentencePiece crashes on some files that are no model, so they are looked through before it
/// reads them.
namespace weft::data {

/// The content of a file of at most 1 GiB; throws Error naming it.
std::string read_subword_file(const std::string& path);

/// Throws Error, in the name of `where`, unless the bytes are a SentencePiece model as
/// Subwords::train makes them: a well-formed message (Protocol Buffers' wire format) whose pieces
/// are not longer than a word, begin with the special tokens of Vocabulary, stand once each, and
/// which normalizes nothing.
void check_subword_file(std::string_view bytes, const std::string& where);

}  // namespace weft::data
